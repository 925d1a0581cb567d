// SPDX-License-Identifier: Apache-2.0
#include "plan/job_spec.h"

#include "base/ids.h"
#include "base/text.h"
#include "plan/suggestion.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

namespace lab::plan {
namespace {

using Json = nlohmann::json;

constexpr std::size_t largest_json = 1U << 20U;
constexpr int deepest_json = 16;
constexpr std::size_t most_items = 10'000;
constexpr std::size_t most_problems = 100;
constexpr std::size_t longest_command = 65536;
constexpr unsigned most_runs = 1000;

// ---- spec -> JSON

Json json_of(const BuildTarget& target) {
    return {{"vm", target.vm}, {"revision", target.revision}, {"commit", target.commit}};
}

Json json_of(const InstallTarget& target) {
    return {{"build", json_of(target.build)}, {"test_vm", target.test_vm}};
}

Json json_of(const Check& check) {
    return {{"benchmark", check.benchmark}, {"metric", check.metric}, {"command", check.command}};
}

template <class T>
Json json_of(const std::vector<T>& items) {
    auto list = Json::array();
    for (const auto& item : items) {
        list.push_back(json_of(item));
    }
    return list;
}

void set(Json& object, const char* key, const std::optional<unsigned>& value) {
    if (value) {
        object[key] = *value;
    }
}

/// One overload for each kind of job.
struct Writer {
    Json operator()(const CreateSpec& spec) const { return {{"vms", spec.vms}}; }

    Json operator()(const BuildSpec& spec) const {
        return {{"targets", json_of(spec.targets)},
                {"mode", to_string(spec.mode)},
                {"clean", spec.clean == CleanBuild::yes}};
    }

    Json operator()(const InstallSpec& spec) const {
        return {{"targets", json_of(spec.targets)}, {"in", spec.in}};
    }

    Json operator()(const TestSpec& spec) const {
        Json object{{"target", json_of(spec.target)}, {"check", json_of(spec.check)}};
        set(object, "sessions", spec.sessions);
        set(object, "repeats", spec.repeats);
        set(object, "warmups", spec.warmups);
        return object;
    }

    Json operator()(const BisectSpec& spec) const {
        return {{"good", spec.good},
                {"bad", spec.bad},
                {"vm", spec.vm},
                {"on", spec.on},
                {"check", json_of(spec.check)},
                {"confidence", spec.confidence},
                {"first_parent", spec.first_parent},
                {"kernel_only", spec.kernel_only},
                {"paths", spec.paths},
                {"jobs", spec.jobs}};
    }

    Json operator()(const StartSpec& spec) const {
        Json object{{"vm", spec.vm}};
        if (spec.build) {
            object["build"] = json_of(*spec.build);
        }
        return object;
    }
};

// ---- JSON -> spec

void add_problem(Diagnostics& problems, const std::string& where, const std::string& message) {
    if (problems.size() < most_problems) {
        const auto line = [](const std::string& text) {
            return join(split(escape_for_terminal(text), '\n'), "\\n");
        };
        problems.push_back({line(where), line(message)});
    }
}

/// One object; every member that nobody asked for is a problem.
class Reader {
public:
    Reader(const Json& json, std::string label, Diagnostics& problems)
        : json_(json), label_(std::move(label)), problems_(problems) {}

    void read(const std::function<void(Reader&)>& members) {
        if (!json_.is_object()) {
            report("is not an object");
            return;
        }
        members(*this);
        for (const auto& item : json_.items()) {
            if (!known_.contains(item.key())) {
                report("unknown member '" + cap(item.key(), 64) +
                       "' (allowed: " + join({known_.begin(), known_.end()}, ", ") + ")");
            }
        }
    }

    [[nodiscard]] std::string text(const char* key, std::size_t limit = 1024) {
        const auto* const value = member(key);
        if (value == nullptr) {
            return {};
        }
        if (!value->is_string() || value->get_ref<const std::string&>().size() > limit ||
            value->get_ref<const std::string&>().find('\0') != std::string::npos) {
            report(key, "is not a text of at most " + std::to_string(limit) + " bytes");
            return {};
        }
        return value->get<std::string>();
    }

    [[nodiscard]] std::string vm(const char* key) {
        auto name = text(key);
        check(key, name.empty() || is_valid_name(name), valid_name_rule);
        check(key, !name.empty(), "a VM must be named");
        return name;
    }

    [[nodiscard]] std::string revision(const char* key) {
        auto value = text(key);
        if (const auto parsed = parse_revision(value); !parsed) {
            report(key, parsed.error().front().message);
        }
        return value;
    }

    [[nodiscard]] bool flag(const char* key) {
        const auto* const value = member(key);
        if (value == nullptr) {
            return false;
        }
        check(key, value->is_boolean(), "true or false");
        return value->is_boolean() && value->get<bool>();
    }

    [[nodiscard]] unsigned number(const char* key, unsigned smallest) {
        const auto* const value = member(key);
        if (value == nullptr) {
            return smallest;
        }
        const bool fits = value->is_number_unsigned() && value->get<std::uint64_t>() >= smallest &&
                          value->get<std::uint64_t>() <= most_runs;
        check(key, fits,
              "a whole number from " + std::to_string(smallest) + " to " +
                  std::to_string(most_runs));
        return fits ? value->get<unsigned>() : smallest;
    }

    [[nodiscard]] std::optional<unsigned> optional_number(const char* key, unsigned smallest) {
        return has(key) ? std::optional(number(key, smallest)) : std::nullopt;
    }

    [[nodiscard]] double chance(const char* key) {
        const auto* const value = member(key);
        if (value == nullptr) {
            return 0.0;
        }
        const auto number = value->is_number() ? value->get<double>() : 0.0;
        check(key, number >= 0.5 && number < 1.0, "a number from 0.5 to below 1");
        return number;
    }

    /// Whether an optional member is there; it counts as known from now on.
    [[nodiscard]] bool has(const char* key) {
        known_.insert(key);
        return json_.contains(key);
    }

    /// Reads a member that is an object.
    void object(const char* key, const std::function<void(Reader&)>& members) {
        if (const auto* const value = member(key)) {
            Reader(*value, label_ + "." + key, problems_).read(members);
        }
    }

    /// Calls `each` for every item of a list.
    void list(const char* key, const std::function<void(const Json&, const std::string&)>& each) {
        const auto* const value = member(key);
        if (value == nullptr) {
            return;
        }
        if (!value->is_array() || value->size() > most_items) {
            report(key, "is not a list of at most " + std::to_string(most_items) + " items");
            return;
        }
        for (std::size_t i = 0; i < value->size(); ++i) {
            each((*value)[i], label_ + "." + key + "[" + std::to_string(i) + "]");
        }
    }

    void check(const char* key, bool holds, const std::string& allowed) {
        if (!holds) {
            report(key, "is not allowed (" + allowed + ")");
        }
    }

    void report(const std::string& message) { add_problem(problems_, label_, message); }

    [[nodiscard]] Diagnostics& problems() noexcept { return problems_; }

private:
    void report(const char* key, const std::string& message) {
        add_problem(problems_, label_ + "." + key, message);
    }

    const Json* member(const char* key) {
        if (!has(key)) {
            report(std::string("the member '") + key + "' is missing");
            return nullptr;
        }
        return &json_.at(key);
    }

    const Json& json_;
    std::string label_;
    Diagnostics& problems_;
    std::set<std::string> known_;
};

BuildTarget read_build_target(Reader& reader) {
    BuildTarget target{reader.vm("vm"), reader.revision("revision"), reader.text("commit")};
    const bool is_id = target.commit.size() == 40 &&
                       target.commit.find_first_not_of("0123456789abcdef") == std::string::npos;
    reader.check("commit", target.commit.empty() || is_id, "empty or 40 lower-case hex digits");
    return target;
}

InstallTarget read_install_target(Reader& reader) {
    InstallTarget target;
    reader.object("build", [&](Reader& build) { target.build = read_build_target(build); });
    target.test_vm = reader.vm("test_vm");
    return target;
}

Check read_check(Reader& reader) {
    Check check{reader.text("benchmark"), reader.text("metric"),
                reader.text("command", longest_command)};
    reader.check("benchmark", check.benchmark.empty() || is_benchmark_id(check.benchmark),
                 "<suite>/<name>");
    reader.check("metric", check.metric.empty() || is_valid_name(check.metric), valid_name_rule);
    if (check.benchmark.empty() == check.command.empty()) {
        reader.report("must have either a benchmark or a command");
    }
    if (check.benchmark.empty() && !check.metric.empty()) {
        reader.report("a metric needs a benchmark");
    }
    return check;
}

template <class T>
std::vector<T> read_targets(Reader& reader, T (*read)(Reader&)) {
    std::vector<T> targets;
    reader.list("targets", [&](const Json& item, const std::string& label) {
        Reader(item, label, reader.problems()).read([&](Reader& each) {
            targets.push_back(read(each));
        });
    });
    reader.check("targets", !targets.empty(), "at least one");
    return targets;
}

std::vector<std::string> read_texts(Reader& reader, const char* key) {
    std::vector<std::string> texts;
    reader.list(key, [&](const Json& item, const std::string& label) {
        if (item.is_string() && !item.get_ref<const std::string&>().empty()) {
            texts.push_back(item.get<std::string>());
        } else {
            add_problem(reader.problems(), label, "is not a text");
        }
    });
    return texts;
}

JobSpec read_create(Reader& reader) {
    CreateSpec spec{read_texts(reader, "vms")};
    reader.check("vms", !spec.vms.empty(), "at least one");
    reader.check("vms", std::all_of(spec.vms.begin(), spec.vms.end(), is_valid_name),
                 valid_name_rule);
    return spec;
}

JobSpec read_build(Reader& reader) {
    BuildSpec spec;
    spec.targets = read_targets(reader, read_build_target);
    const auto mode = reader.text("mode");
    reader.check("mode", mode == "full" || mode == "kernel", "full or kernel");
    spec.mode = mode == "kernel" ? BuildMode::kernel : BuildMode::full;
    spec.clean = reader.flag("clean") ? CleanBuild::yes : CleanBuild::no;
    return spec;
}

JobSpec read_install(Reader& reader) {
    InstallSpec spec{read_targets(reader, read_install_target), reader.text("in")};
    reader.check("in", spec.in.empty() || is_valid_name(spec.in), valid_name_rule);
    return spec;
}

JobSpec read_test(Reader& reader) {
    TestSpec spec;
    reader.object("target", [&](Reader& target) { spec.target = read_install_target(target); });
    reader.object("check", [&](Reader& check) { spec.check = read_check(check); });
    spec.sessions = reader.optional_number("sessions", 1);
    spec.repeats = reader.optional_number("repeats", 1);
    spec.warmups = reader.optional_number("warmups", 0);
    return spec;
}

JobSpec read_bisect(Reader& reader) {
    BisectSpec spec;
    spec.good = reader.revision("good");
    spec.bad = reader.revision("bad");
    spec.vm = reader.vm("vm");
    spec.on = reader.vm("on");
    reader.object("check", [&](Reader& check) { spec.check = read_check(check); });
    spec.confidence = reader.chance("confidence");
    spec.first_parent = reader.flag("first_parent");
    spec.kernel_only = reader.flag("kernel_only");
    spec.paths = read_texts(reader, "paths");
    spec.jobs = reader.number("jobs", 0);
    return spec;
}

JobSpec read_start(Reader& reader) {
    StartSpec spec{reader.vm("vm")};
    if (reader.has("build")) {
        reader.object("build", [&](Reader& build) { spec.build = read_build_target(build); });
    }
    return spec;
}

struct Kind {
    const char* name;
    JobSpec (*read)(Reader&);
};

constexpr Kind kinds[] = {{"create", read_create},   {"build", read_build},
                          {"install", read_install}, {"test", read_test},
                          {"bisect", read_bisect},   {"start", read_start}};

/// Parses without exceptions; refuses what nlohmann takes and lab does not.
std::optional<Json> parse(const std::string& text, Diagnostics& problems) {
    if (text.size() > largest_json) {
        add_problem(problems, "spec", "is too large (at most 1 MiB)");
        return std::nullopt;
    }
    bool too_deep = false;
    std::string duplicate;
    std::vector<std::set<std::string>> keys;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
        too_deep = too_deep || depth > deepest_json;
        if (event == Json::parse_event_t::object_start) {
            keys.emplace_back();
        } else if (event == Json::parse_event_t::object_end) {
            keys.pop_back();
        } else if (event == Json::parse_event_t::key &&
                   !keys.back().insert(parsed.get<std::string>()).second) {
            duplicate = parsed.get<std::string>();
        }
        return !too_deep; // a value that is too deep is dropped, not built
    };
    auto json = Json::parse(text, watch, false);
    if (too_deep) {
        add_problem(problems, "spec", "is nested too deep (at most 16)");
    } else if (json.is_discarded()) {
        add_problem(problems, "spec", "is not JSON");
    } else if (!duplicate.empty()) {
        add_problem(problems, "spec", "the member '" + cap(duplicate, 64) + "' stands twice");
    } else {
        return json;
    }
    return std::nullopt;
}

std::optional<JobSpec> read_spec(const Json& json, Diagnostics& problems) {
    std::optional<JobSpec> spec;
    Reader(json, "spec", problems).read([&](Reader& reader) {
        const auto name = reader.text("kind");
        std::vector<std::string> names;
        for (const auto& kind : kinds) {
            names.emplace_back(kind.name);
            if (name == kind.name) {
                spec = kind.read(reader);
            }
        }
        reader.check("kind", spec.has_value(), join(names, ", "));
    });
    return spec;
}

} // namespace

std::string to_json(const JobSpec& spec) {
    auto json = std::visit(Writer{}, spec);
    json["kind"] = kind_of(spec);
    try {
        return json.dump();
    } catch (const Json::exception&) {
        throw Error(ErrorCode::bad_input, "request: a text in it is not valid UTF-8");
    }
}

Parsed<JobSpec> job_spec_from_json(const std::string& text) {
    Diagnostics problems;
    const auto json = parse(text, problems);
    if (!json) {
        return Unexpected{std::move(problems)};
    }
    auto spec = read_spec(*json, problems);
    if (!spec || !problems.empty()) {
        return Unexpected{std::move(problems)};
    }
    return std::move(*spec);
}

} // namespace lab::plan
