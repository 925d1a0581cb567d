// SPDX-License-Identifier: Apache-2.0
#include "plan/bisect_context.h"

#include "base/json.h"
#include "base/text.h"
#include "plan/benchmark_fields.h"
#include "plan/plan_fields.h"

#include <algorithm>
#include <iterator>

namespace lab::plan {
namespace {

/// Reads a context; one object per text.
class ContextReader {
public:
    ContextReader(BisectContext& context, std::filesystem::path directory)
        : context_(context), directory_(std::move(directory)) {}

    void read(YamlMap& map) {
        map.required("plan").map([&](YamlMap& plan) { read_plan(plan); });
        const auto line_of = [&](const char* key, std::string& text) {
            text = map.required(key).line().value_or("");
        };
        line_of("good-swprofile", context_.good_swprofile);
        context_.good_sha = read_sha(map.required("good_sha"));
        line_of("bad-swprofile", context_.bad_swprofile);
        context_.bad_sha = read_sha(map.required("bad_sha"));
        line_of("resultclass", context_.resultclass);
        line_of("resultstore", context_.resultstore);
        line_of("output-resultstore", context_.output_resultstore);
    }

private:
    void read_plan(YamlMap& map) {
        context_.sut = read_sut(map.required("sut"), directory_);
        if (const auto profile = only_one(map.required("swprofiles"))) {
            profile->map([&](YamlMap& keys) { read_settings(keys, context_.profile); });
        }
        if (const auto benchmark = only_one(map.required("benchmarks"))) {
            benchmark->map([&](YamlMap& keys) { read_context_benchmark(keys); });
        }
        context_.defaults = read_defaults(map.optional("defaults"));
    }

    /// A bisection is about one profile and one benchmark.
    static std::optional<YamlField> only_one(const YamlField& field) {
        auto items = field.list(most_plan_entries);
        if (items.size() == 1) {
            return items.front();
        }
        if (field.present()) {
            field.report("has " + std::to_string(items.size()) + " entries (exactly one)");
        }
        return std::nullopt;
    }

    void read_context_benchmark(YamlMap& map) {
        auto& benchmark = context_.benchmark;
        benchmark.suite = map.required("suite").name().value_or("");
        benchmark.name = map.required("name").name().value_or("");
        benchmark.type =
            map.optional("type")
                .one_of(Words<std::string>{{"command", "command"}, {"container", "container"}})
                .value_or("");
        benchmark.image = map.optional("image").line().value_or("");
        for (const auto& [name, value] : map.optional("params").named()) {
            benchmark.params.emplace(name, value.line().value_or(""));
        }
        benchmark.counts = read_counts(map);
    }

    BisectContext& context_;
    std::filesystem::path directory_;
};

/// A double-quoted scalar. JSON's form is one, and keeps all but control characters as they are.
std::string yaml_text(const std::string& text) {
    return json_text(nlohmann::json(text));
}

std::string list_of_lines(const std::vector<std::string>& lines) {
    std::vector<std::string> words;
    std::transform(lines.begin(), lines.end(), std::back_inserter(words), yaml_text);
    return "[" + join(words, ", ") + "]";
}

/// Builds YAML line by line.
class Lines {
public:
    explicit Lines(std::size_t indent) : indent_(indent, ' ') {}

    void add(const std::string& key, const std::string& value) {
        text_ += indent_ + key + ": " + value + "\n";
    }

    /// Leaves out what is not said.
    void add_text(const std::string& key, const std::string& value) {
        if (!value.empty()) {
            add(key, yaml_text(value));
        }
    }

    void add_counts(const RunCounts& counts) {
        const auto add_count = [&](const char* key, const std::optional<unsigned>& count) {
            if (count) {
                add(key, std::to_string(*count));
            }
        };
        add_count("warmups", counts.warmups);
        add_count("repeats", counts.repeats);
        add_count("sessions", counts.sessions);
        if (counts.timeout) {
            using std::chrono::milliseconds;
            add("timeout",
                std::to_string(std::chrono::duration_cast<milliseconds>(*counts.timeout).count()) +
                    "ms");
        }
    }

    void add_params(const ParamValues& params) {
        std::vector<std::string> words;
        for (const auto& [name, value] : params) {
            words.push_back(name + ": " + yaml_text(value));
        }
        if (!words.empty()) {
            add("params", "{" + join(words, ", ") + "}");
        }
    }

    [[nodiscard]] const std::string& text() const { return text_; }

    /// The lines as an item of a list: a dash in front of the first one.
    [[nodiscard]] std::string item() const {
        auto text = text_;
        if (indent_.size() >= 2 && !text.empty()) {
            text[indent_.size() - 2] = '-';
        }
        return text;
    }

private:
    std::string indent_;
    std::string text_;
};

std::string sut_text(const PlanSut& sut, const std::string& indent) {
    auto text = indent + "sut:\n" + indent + "  name: " + yaml_text(sut.name) + "\n";
    if (!sut.address) {
        return text;
    }
    text += indent + "  connection:\n" + indent + "    method: SSH\n" + indent + "    params:\n";
    Lines params(indent.size() + 6);
    params.add_text("host", sut.address->host);
    params.add_text("user", sut.address->user);
    if (sut.address->port) {
        params.add("port", std::to_string(*sut.address->port));
    }
    params.add_text("keyfile", sut.address->key.string());
    return text + params.text();
}

void add_settings(Lines& lines, const PlanProfile& profile) {
    lines.add("cmdline", list_of_lines(profile.cmdline));
    lines.add("sysctl", list_of_lines(profile.sysctl));
    lines.add("bootscript", list_of_lines(profile.bootscript));
}

std::string defaults_text(const RunCounts& counts, std::size_t indent) {
    Lines lines(indent + 4);
    lines.add_counts(counts);
    const std::string space(indent, ' ');
    return lines.text().empty() ? ""
                                : space + "defaults:\n" + space + "  benchmark:\n" + lines.text();
}

} // namespace

Parsed<BisectContext> parse_bisect_context(const std::string& text,
                                           const std::filesystem::path& file) {
    Problems problems(file.filename().string());
    BisectContext context;
    ContextReader reader(context, file.parent_path());
    read_map(text, problems, [&](YamlMap& map) { reader.read(map); });
    if (!problems.empty()) {
        return Unexpected{problems.take()};
    }
    return context;
}

std::string to_yaml(const BisectContext& context) {
    Lines profile(6);
    add_settings(profile, context.profile);
    Lines benchmark(6);
    benchmark.add("suite", yaml_text(context.benchmark.suite));
    benchmark.add("name", yaml_text(context.benchmark.name));
    benchmark.add_text("type", context.benchmark.type);
    benchmark.add_text("image", context.benchmark.image);
    benchmark.add_params(context.benchmark.params);
    benchmark.add_counts(context.benchmark.counts);
    Lines rest(0);
    rest.add("good-swprofile", yaml_text(context.good_swprofile));
    rest.add("good_sha", yaml_text(context.good_sha));
    rest.add("bad-swprofile", yaml_text(context.bad_swprofile));
    rest.add("bad_sha", yaml_text(context.bad_sha));
    rest.add("resultclass", yaml_text(context.resultclass));
    rest.add("resultstore", yaml_text(context.resultstore));
    rest.add("output-resultstore", yaml_text(context.output_resultstore));
    return "plan:\n" + sut_text(context.sut, "  ") + "  swprofiles:\n" + profile.item() +
           "  benchmarks:\n" + benchmark.item() + defaults_text(context.defaults, 2) + rest.text();
}

std::string plan_text(const BisectContext& context, const CommitToMeasure& commit) {
    Lines profile(4);
    profile.add("name", yaml_text(commit.swprofile));
    profile.add_text("kernel", commit.kernel);
    profile.add_text("modules", commit.modules.string());
    profile.add_text("kernel_git_sha", commit.sha);
    add_settings(profile, context.profile);
    // Samples of one boot are not independent: as many boots as samples are wanted.
    auto counts = context.benchmark.counts;
    counts.repeats = 1;
    counts.sessions = commit.sessions;
    Lines benchmark(4);
    benchmark.add("include", yaml_text(context.benchmark.title() + ".yaml"));
    benchmark.add_params(context.benchmark.params);
    benchmark.add_counts(counts);
    return sut_text(context.sut, "") + "swprofiles:\n" + profile.item() + "benchmarks:\n" +
           benchmark.item() + defaults_text(context.defaults, 0);
}

} // namespace lab::plan
