// SPDX-License-Identifier: Apache-2.0
#include "plan/load.h"
#include "plan/yaml_fields.h"

#include "base/text.h"

#include <re2/re2.h>
#include <set>

namespace lab::plan {
namespace {

constexpr Range<Duration> timeout_range{std::chrono::seconds(1), std::chrono::hours(24)};
constexpr Range<unsigned> warmup_range{0, 100};
constexpr Range<unsigned> repeat_range{1, 1000};
constexpr std::size_t most_resultclasses = 64;

std::string read_unit(const YamlField& field) {
    auto unit = field.line().value_or("");
    // What core::parse_metric_lines takes.
    static const RE2 form("[A-Za-z0-9._/%-]{1,32}");
    if (!unit.empty() && !RE2::FullMatch(unit, form)) {
        field.report("'" + cap(unit, 64) +
                     "' is not a unit (one word of at most 32 of A-Z, a-z, 0-9 and ._/%-)");
    }
    return unit;
}

ResultClass read_resultclass(const YamlField& field, std::set<std::string>& names) {
    ResultClass resultclass;
    field.map([&](YamlMap& map) {
        const auto name = map.required("name");
        resultclass.name = name.name().value_or("");
        if (!resultclass.name.empty() && !names.insert(resultclass.name).second) {
            name.report("'" + resultclass.name + "' stands twice (names are unique)");
        }
        resultclass.unit = read_unit(map.required("unit"));
        const Words<core::Direction> directions{{"higher", core::Direction::higher_is_better},
                                                {"lower", core::Direction::lower_is_better}};
        resultclass.better = map.required("better").one_of(directions).value_or(resultclass.better);
    });
    return resultclass;
}

void read_benchmark(YamlMap& map, Benchmark& benchmark) {
    benchmark.suite = map.required("suite").name().value_or("");
    benchmark.name = map.required("name").name().value_or("");
    benchmark.description = map.optional("description").text().value_or("");
    benchmark.command = map.required("command").text().value_or("");
    benchmark.timeout = map.optional("timeout").duration(timeout_range).value_or(benchmark.timeout);
    benchmark.warmups = map.optional("warmups").number(warmup_range).value_or(benchmark.warmups);
    benchmark.repeats = map.optional("repeats").number(repeat_range).value_or(benchmark.repeats);
    benchmark.sessions = map.optional("sessions").number(repeat_range).value_or(benchmark.sessions);
    const Words<GuestClock> clocks{{"wall", GuestClock::wall},
                                   {"instructions", GuestClock::instructions}};
    benchmark.clock = map.optional("clock").one_of(clocks).value_or(benchmark.clock);
    const auto resultclasses = map.required("resultclasses");
    std::set<std::string> names;
    for (const auto& field : resultclasses.list(most_resultclasses)) {
        benchmark.resultclasses.push_back(read_resultclass(field, names));
    }
    if (resultclasses.present() && benchmark.resultclasses.empty()) {
        resultclasses.report("there is no resultclass (at least one)");
    }
}

} // namespace

Parsed<Benchmark> parse_benchmark(const std::string& text, const std::filesystem::path& file) {
    Problems problems(file.filename().string());
    Benchmark benchmark;
    read_map(text, problems, [&](YamlMap& map) { read_benchmark(map, benchmark); });
    const auto place = file.parent_path().filename() / file.stem();
    if (problems.empty() && benchmark.id() != place.string()) {
        problems.add({}, "the benchmark is called '" + benchmark.id() + "' (its file says '" +
                             place.string() + "': <suite>/<name>.yaml)");
    }
    if (!problems.empty()) {
        return Unexpected{problems.take()};
    }
    return benchmark;
}

} // namespace lab::plan
