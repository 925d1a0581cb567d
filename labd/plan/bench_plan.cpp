// SPDX-License-Identifier: Apache-2.0
#include "plan/bench_plan.h"

#include "base/text.h"
#include "plan/benchmark_fields.h"
#include "plan/plan_fields.h"

#include <re2/re2.h>
#include <set>

namespace lab::plan {
namespace {

/// Reads a plan; one object per text.
class PlanReader {
public:
    PlanReader(BenchPlan& plan, std::filesystem::path directory)
        : plan_(plan), directory_(std::move(directory)) {}

    void read(YamlMap& map) {
        plan_.sut = read_sut(map.required("sut"), directory_);
        const auto profiles = map.required("swprofiles");
        for (const auto& field : profiles.list(most_plan_entries)) {
            read_profile(field);
        }
        const auto benchmarks = map.required("benchmarks");
        for (const auto& field : benchmarks.list(most_plan_entries)) {
            read_plan_benchmark(field);
        }
        for (const auto& [field, empty] : {std::pair(&profiles, plan_.profiles.empty()),
                                           std::pair(&benchmarks, plan_.benchmarks.empty())}) {
            if (field->present() && empty) {
                field->report("is empty (at least one)");
            }
        }
        plan_.defaults = read_defaults(map.optional("defaults"));
    }

private:
    void read_profile(const YamlField& field) {
        PlanProfile profile;
        field.map([&](YamlMap& map) {
            const auto name = map.required("name");
            profile.name = name.line().value_or("");
            if (!profile.name.empty() && !names_.insert(profile.name).second) {
                name.report("'" + cap(profile.name, 64) + "' stands twice (names are unique)");
            }
            profile.kernel = map.optional("kernel").line().value_or("");
            profile.modules = read_path(map.optional("modules"), directory_);
            profile.kernel_git_sha = read_sha(map.optional("kernel_git_sha"));
            read_settings(map, profile);
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
