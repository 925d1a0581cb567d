// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "plan/benchmark_fields.h"
#include "plan/load.h"
#include "plan/param_value.h"
#include "plan/yaml_fields.h"

#include "base/numbers.h"
#include "base/text.h"
#include "core/metric_regex.h"

#include <array>
#include <re2/re2.h>
#include <set>
#include <tuple>

namespace lab::plan {
namespace {

constexpr Range<Duration> timeout_range{std::chrono::seconds(1), std::chrono::hours(24)};
constexpr Range<unsigned> warmup_range{0, 100};
constexpr Range<unsigned> repeat_range{1, 1000};
constexpr std::size_t most_resultclasses = 64;
constexpr std::size_t most_words = 64;

std::string read_unit(const YamlField& field) {
    auto unit = field.line().value_or("");
    // What core::MetricLines takes.
    static const RE2 form("[A-Za-z0-9._/%-]{1,32}");
    if (!unit.empty() && !RE2::FullMatch(unit, form)) {
        field.report("'" + cap(unit, 64) +
                     "' is not a unit (one word of at most 32 of A-Z, a-z, 0-9 and ._/%-)");
    }
    return unit;
}

/// "/jobs/0/read/iops": what RFC 6901 calls a JSON pointer.
void read_json_source(const YamlField& field, ValueSource& source) {
    source.where = field.line().value_or("");
    try {
        static_cast<void>(nlohmann::json::json_pointer(source.where));
    } catch (const nlohmann::json::exception&) {
        field.report("'" + cap(source.where, 64) +
                     "' is no JSON pointer (for example /jobs/0/read/iops)");
    }
}

/// "column", or "column[key=value]" for one row of several.
void read_csv_source(const YamlField& field, ValueSource& source) {
    static const RE2 form("([^\\[\\]=]+)(?:\\[([^\\[\\]=]+)=([^\\[\\]]*)\\])?");
    const auto text = field.line();
    if (text && !RE2::FullMatch(*text, form, &source.where, &source.key, &source.wanted)) {
        field.report("'" + cap(*text, 64) +
                     "' names no column (for example iops, or iops[operation=read])");
    }
}

void read_regex_source(const YamlField& field, ValueSource& source) {
    source.where = field.line().value_or("");
    if (source.where.empty()) {
        return;
    }
    if (const auto problem = core::metric_regex_problem(source.where)) {
        field.report("'" + cap(source.where, 64) + "' is not allowed (" + *problem + ")");
    }
}

ValueSource read_source(YamlMap& map) {
    using Reader = void (*)(const YamlField&, ValueSource&);
    const std::array<std::tuple<const char*, ValueFormat, Reader>, 3> sources{
        {{"json", ValueFormat::json, read_json_source},
         {"csv", ValueFormat::csv, read_csv_source},
         {"regex", ValueFormat::regex, read_regex_source}}};
    ValueSource source;
    for (const auto& [key, format, read] : sources) {
        const auto field = map.optional(key);
        if (!field.present()) {
            continue;
        }
        if (source.format != ValueFormat::metric_line) {
            field.report("the value is read in another way already (one of json, csv, regex)");
            continue;
        }
        source.format = format;
        read(field, source);
    }
    return source;
}

std::optional<double> read_limit(const YamlField& field) {
    const auto text = field.line();
    const auto value = text ? parse_finite(*text) : std::nullopt;
    if (text && !value) {
        field.report("'" + cap(*text, 64) + "' is not a number");
    }
    return value;
}

Param read_param(const std::string& name, const YamlField& field) {
    // A variable of the shell; those in capitals are the system's.
    static const RE2 form("[a-z_][a-z0-9_]{0,31}");
    Param param;
    param.name = name;
    if (!RE2::FullMatch(name, form)) {
        field.report("'" + cap(name, 64) +
                     "' is not a parameter's name (1 to 32 of a-z, 0-9 and _, no digit first)");
    }
    if (field.is_scalar()) {
        param.value = field.line().value_or("");
        return param;
    }
    field.map([&](YamlMap& map) {
        const Words<ParamType> types{{"integer", ParamType::integer},
                                     {"number", ParamType::number},
                                     {"text", ParamType::text}};
        param.type = map.required("type").one_of(types).value_or(param.type);
        param.smallest = read_limit(map.optional("min"));
        param.largest = read_limit(map.optional("max"));
        for (const auto& word : map.optional("allowed").list(most_words)) {
            param.allowed.push_back(word.line().value_or(""));
        }
        if (param.type == ParamType::text && (param.smallest || param.largest)) {
            field.report("min and max go with numbers only");
        }
        if (param.type != ParamType::text && !param.allowed.empty()) {
            field.report("allowed goes with texts only");
        }
        const auto value = map.required("default");
        param.value = value.line().value_or("");
        const auto problem = value.present() ? param_problem(param, param.value) : std::nullopt;
        if (problem) {
            value.report(*problem);
        }
    });
    return param;
}

void read_program(YamlMap& map, Benchmark& benchmark) {
    const Words<BenchmarkType> types{{"command", BenchmarkType::command},
                                     {"container", BenchmarkType::container}};
    benchmark.type = map.optional("type").one_of(types).value_or(benchmark.type);
    const bool contained = benchmark.type == BenchmarkType::container;
    const auto command = contained ? map.optional("command") : map.required("command");
    benchmark.command = command.text().value_or("");
    const auto image = contained ? map.required("image") : map.optional("image");
    benchmark.image = image.line().value_or("");
    static const RE2 form("[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}");
    if (!benchmark.image.empty() && !RE2::FullMatch(benchmark.image, form)) {
        image.report("'" + cap(benchmark.image, 64) +
                     "' is not an image (for example docker.io/library/debian:12)");
    }
    if (!contained && image.present()) {
        image.report("goes with type: container only");
    }
    for (const auto& [name, field] : map.optional("params").named()) {
        benchmark.params.push_back(read_param(name, field));
    }
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
        resultclass.source = read_source(map);
    });
    return resultclass;
}

} // namespace

RunCounts read_counts(YamlMap& map) {
    RunCounts counts;
    counts.warmups = map.optional("warmups").number(warmup_range);
    counts.repeats = map.optional("repeats").number(repeat_range);
    counts.sessions = map.optional("sessions").number(repeat_range);
    counts.timeout = map.optional("timeout").duration(timeout_range);
    return counts;
}

RunCounts read_benchmark(YamlMap& map, Benchmark& benchmark) {
    benchmark.suite = map.required("suite").name().value_or("");
    benchmark.name = map.required("name").name().value_or("");
    benchmark.description = map.optional("description").text().value_or("");
    read_program(map, benchmark);
    auto counts = read_counts(map);
    benchmark.clock = map.optional("clock").one_of(clock_words()).value_or(benchmark.clock);
    benchmark.quiet = map.optional("quiet").one_of(quiet_words()).value_or(benchmark.quiet);
    const auto resultclasses = map.required("resultclasses");
    std::set<std::string> names;
    for (const auto& field : resultclasses.list(most_resultclasses)) {
        benchmark.resultclasses.push_back(read_resultclass(field, names));
    }
    if (resultclasses.present() && benchmark.resultclasses.empty()) {
        resultclasses.report("there is no resultclass (at least one)");
    }
    return counts;
}

Parsed<Benchmark> parse_benchmark(const std::string& text, const std::filesystem::path& file) {
    Problems problems(file.filename().string());
    Benchmark benchmark;
    read_map(text, problems, [&](YamlMap& map) {
        const auto counts = read_benchmark(map, benchmark);
        benchmark = counts.applied_to(std::move(benchmark));
    });
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
