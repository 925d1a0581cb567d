// SPDX-License-Identifier: Apache-2.0
#include "plan/bench_plan.h"

#include "base/text.h"
#include "plan/benchmark_fields.h"

#include <re2/re2.h>
#include <set>

namespace lab::plan {
namespace {

constexpr Range<unsigned> port_range{1, 65535};
constexpr std::size_t most_entries = 1000;

/// Reads a plan; one object per text.
class PlanReader {
public:
    PlanReader(BenchPlan& plan, std::filesystem::path directory)
        : plan_(plan), directory_(std::move(directory)) {}

    void read(YamlMap& map) {
        read_sut(map.required("sut"));
        const auto profiles = map.required("swprofiles");
        for (const auto& field : profiles.list(most_entries)) {
            read_profile(field);
        }
        const auto benchmarks = map.required("benchmarks");
        for (const auto& field : benchmarks.list(most_entries)) {
            read_plan_benchmark(field);
        }
        for (const auto& [field, empty] : {std::pair(&profiles, plan_.profiles.empty()),
                                           std::pair(&benchmarks, plan_.benchmarks.empty())}) {
            if (field->present() && empty) {
                field->report("is empty (at least one)");
            }
        }
        map.optional("defaults").map([&](YamlMap& defaults) {
            defaults.optional("benchmark").map([&](YamlMap& counts) {
                plan_.defaults = read_counts(counts);
            });
        });
    }

private:
    void read_sut(const YamlField& field) {
        if (field.is_scalar()) {
            plan_.sut.name = field.name().value_or("");
            return;
        }
        field.map([&](YamlMap& map) {
            const auto name = map.optional("name");
            plan_.sut.name = name.line().value_or("");
            const auto connection = map.optional("connection");
            if (!connection.present() && !name.present()) {
                field.report("neither name nor connection (a test VM, or how to reach a machine)");
            }
            connection.map([&](YamlMap& keys) {
                static_cast<void>(keys.required("method").one_of(Words<int>{{"SSH", 0}}));
                keys.required("params").map(
                    [&](YamlMap& params) { plan_.sut.address = read_address(params); });
            });
        });
        if (plan_.sut.name.empty() && plan_.sut.address) {
            plan_.sut.name = plan_.sut.address->host;
        }
    }

    SshAddress read_address(YamlMap& map) const {
        // Words that cannot be taken for an option of ssh.
        static const RE2 word("[A-Za-z0-9_][A-Za-z0-9._:%-]{0,252}");
        SshAddress address;
        const auto host = map.required("host");
        const auto user = map.optional("user");
        address.host = host.line().value_or("");
        address.user = user.line().value_or("");
        for (const auto& [field, text] :
             {std::pair(&host, &address.host), std::pair(&user, &address.user)}) {
            if (!text->empty() && !RE2::FullMatch(*text, word)) {
                field->report("'" + cap(*text, 64) +
                              "' is not allowed (1 to 253 of A-Z, a-z, 0-9 and ._:%-)");
            }
        }
        address.port = map.optional("port").number(port_range);
        address.key = path_of(map.optional("keyfile"));
        return address;
    }

    void read_profile(const YamlField& field) {
        PlanProfile profile;
        field.map([&](YamlMap& map) {
            const auto name = map.required("name");
            profile.name = name.line().value_or("");
            if (!profile.name.empty() && !names_.insert(profile.name).second) {
                name.report("'" + cap(profile.name, 64) + "' stands twice (names are unique)");
            }
            profile.kernel = map.optional("kernel").line().value_or("");
            profile.modules = path_of(map.optional("modules"));
            const auto sha = map.optional("kernel_git_sha");
            static const RE2 hex("[0-9a-f]{7,64}");
            profile.kernel_git_sha = sha.line().value_or("");
            if (!profile.kernel_git_sha.empty() && !RE2::FullMatch(profile.kernel_git_sha, hex)) {
                sha.report("'" + cap(profile.kernel_git_sha, 64) +
                           "' is not a commit (7 to 64 of 0-9 and a-f)");
            }
            profile.cmdline = lines_of(map.optional("cmdline"));
            profile.sysctl = lines_of(map.optional("sysctl"));
            profile.bootscript = lines_of(map.optional("bootscript"));
        });
        plan_.profiles.push_back(std::move(profile));
    }

    void read_plan_benchmark(const YamlField& field) {
        PlanBenchmark benchmark;
        field.map([&](YamlMap& map) {
            const auto include = map.optional("include");
            if (!include.present()) {
                benchmark.own.emplace();
                benchmark.counts = read_benchmark(map, *benchmark.own);
                return;
            }
            static const RE2 form("[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*");
            benchmark.include = include.line().value_or("");
            if (!benchmark.include.empty() && !RE2::FullMatch(benchmark.include, form)) {
                include.report("'" + cap(benchmark.include, 64) +
                               "' is no benchmark file (<suite>/<name>.yaml)");
            }
            if (constexpr std::string_view suffix = ".yaml"; benchmark.include.ends_with(suffix)) {
                benchmark.include.resize(benchmark.include.size() - suffix.size());
            }
            for (const auto& [name, value] : map.optional("params").named()) {
                benchmark.params.emplace(name, value.line().value_or(""));
            }
            benchmark.counts = read_counts(map);
        });
        plan_.benchmarks.push_back(std::move(benchmark));
    }

    static std::vector<std::string> lines_of(const YamlField& field) {
        std::vector<std::string> lines;
        for (const auto& item : field.list(most_entries)) {
            lines.push_back(item.line().value_or(""));
        }
        return lines;
    }

    [[nodiscard]] std::filesystem::path path_of(const YamlField& field) const {
        const auto text = field.line();
        if (text && text->front() == '~') {
            field.report("'~' is not replaced by your home directory (allowed: an absolute path or "
                         "one relative to this file)");
        }
        return text ? (directory_ / *text).lexically_normal() : std::filesystem::path();
    }

    BenchPlan& plan_;
    std::filesystem::path directory_;
    std::set<std::string> names_;
};

} // namespace

Parsed<BenchPlan> parse_plan(const std::string& text, const std::filesystem::path& file) {
    Problems problems(file.filename().string());
    BenchPlan plan;
    PlanReader reader(plan, file.parent_path());
    read_map(text, problems, [&](YamlMap& map) { reader.read(map); });
    if (!problems.empty()) {
        return Unexpected{problems.take()};
    }
    return plan;
}

} // namespace lab::plan
