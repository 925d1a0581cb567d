// SPDX-License-Identifier: Apache-2.0
#include "plan/benchmark_run.h"

#include "tests/unit/plan/helpers.h"

namespace lab::plan::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const char* const sysbench = R"yaml(suite: sysbench
name: cpu
command: sysbench cpu --threads="$threads" run
params:
  threads: {type: integer, default: 1, min: 1, max: 64}
  mode: {type: text, default: calm, allowed: [calm, wild]}
  note: {type: text, default: "it's $(fine)"
}
resultclasses:
  - {name: events, unit: events/s, better: higher, regex: 'events per second: +([0-9.]+)'}
)yaml";

Benchmark parsed(const std::string& text) {
    return value_or_throw(parse_benchmark(text, "/b/sysbench/cpu.yaml"));
}

Benchmark reading(const std::string& source) {
    return parsed("suite: sysbench\nname: cpu\ncommand: x\nresultclasses:\n"
                  "  - {name: r, unit: s, better: lower" +
                  source + "}\n");
}

std::vector<std::string> problems(const Benchmark& benchmark, const std::string& output) {
    const auto values = read_values(benchmark, output);
    std::vector<std::string> texts;
    if (!values) {
        for (const auto& problem : values.error()) {
            texts.push_back(problem.message);
        }
    }
    return texts;
}

TEST(BenchmarkRun, SetsParametersAsLiteralText) {
    EXPECT_EQ(run_text(parsed(sysbench)),
              "export threads='1'; export mode='calm'; export note='it'\\''s $(fine)'; "
              "sysbench cpu --threads=\"$threads\" run");
}

TEST(BenchmarkRun, TakesOtherValuesWithinTheirLimits) {
    const auto changed = with_params(parsed(sysbench), {{"threads", "8"}, {"mode", "wild"}});

    ASSERT_TRUE(changed);
    EXPECT_THAT(run_text(*changed), HasSubstr("threads='8'; export mode='wild'"));
    const auto refused = with_params(
        parsed(sysbench), {{"threads", "65"}, {"mode", "loud"}, {"note", "a\nb"}, {"x", "1"}});
    ASSERT_FALSE(refused);
    ASSERT_EQ(refused.error().size(), 4U);
    EXPECT_EQ(refused.error()[0].message, "'loud' is not allowed (calm, wild)");
    EXPECT_THAT(refused.error()[1].message, HasSubstr("one line"));
    EXPECT_EQ(refused.error()[2].message, "'65' is not allowed (a whole number from 1 to 64)");
    EXPECT_THAT(refused.error()[3].message, HasSubstr("is none of sysbench/cpu"));
}

TEST(BenchmarkRun, RefusesWhatIsNoWholeNumber) {
    for (const auto* value : {"", " 1", "1.5", "nan", "inf", "1e99", "0", "-1", "0x10", "1;ls",
                              "1e1", "2.0", "010", "+1"}) {
        EXPECT_FALSE(with_params(parsed(sysbench), {{"threads", value}})) << value;
    }
}

TEST(BenchmarkRun, RunsAContainerByWhatTheSutHas) {
    const auto benchmark = parsed("suite: sysbench\nname: cpu\ntype: container\n"
                                  "image: docker.io/library/debian:12\ncommand: echo \"$n\"\n"
                                  "params: {n: {type: integer, default: 3}}\n"
                                  "resultclasses: [{name: r, unit: s, better: lower}]\n");

    EXPECT_THAT(run_text(benchmark), HasSubstr("command -v docker || command -v podman"));
    EXPECT_THAT(run_text(benchmark),
                HasSubstr("run --rm --env 'n=3' -- 'docker.io/library/debian:12' sh -c 'echo "
                          "\"$n\"'"));
}

TEST(BenchmarkValues, AreReadByAPattern) {
    const auto values = read_values(parsed(sysbench), "x\nevents per second:   812.25\ny\n");

    ASSERT_TRUE(values);
    EXPECT_EQ(values->front().name, "events");
    EXPECT_EQ(values->front().value, 812.25);
    EXPECT_EQ(values->front().unit, "events/s");
    EXPECT_THAT(problems(parsed(sysbench), "nothing"),
                ElementsAre(HasSubstr("nothing matches events per second")));
    EXPECT_THAT(problems(parsed(sysbench), "events per second: 1\n\nevents per second: 2\n"),
                ElementsAre(HasSubstr("line 3: a second value matches")));
    EXPECT_THAT(problems(parsed(sysbench), "a\nevents per second: 1.2.3\n"),
                ElementsAre("line 2: '1.2.3' is not a finite decimal number"));
}

TEST(BenchmarkValues, AreReadFromJson) {
    const auto benchmark = reading(", json: /jobs/0/iops");

    EXPECT_EQ(value_or_throw(read_values(benchmark, "warning: x\n{\"jobs\":[{\"iops\":12.5}]}\n"))
                  .front()
                  .value,
              12.5);
    EXPECT_EQ(value_or_throw(read_values(benchmark, "{\"jobs\":[{\"iops\":\"7\"}]}")).front().value,
              7);
    EXPECT_THAT(problems(benchmark, "no json"), ElementsAre(HasSubstr("no JSON document")));
    EXPECT_THAT(problems(benchmark, "{\"jobs\":[]}"), ElementsAre(HasSubstr("nothing at /jobs")));
    EXPECT_THAT(problems(benchmark, "{\"jobs\":[{\"iops\":1,\"iops\":2}]}"),
                ElementsAre(HasSubstr("a key twice")));
    EXPECT_THAT(problems(benchmark, "{\"jobs\":[{\"iops\":null}]}"),
                ElementsAre(HasSubstr("is no number")));
    EXPECT_THAT(problems(benchmark, "{\"jobs\":[{\"iops\":\"nan\"}]}"),
                ElementsAre(HasSubstr("'nan' is not a finite")));
    EXPECT_FALSE(problems(benchmark, std::string(100'000, '[')).empty());
}

TEST(BenchmarkValues, AreReadFromCsv) {
    const auto only = reading(", csv: iops");
    const auto keyed = reading(", csv: 'iops[op=read]'");
    const std::string table = "# comment\nop,\"iops\"\nread, 5\nwrite,6\n";

    EXPECT_EQ(value_or_throw(read_values(only, "op,iops\nread,5\n")).front().value, 5);
    EXPECT_EQ(value_or_throw(read_values(keyed, table)).front().value, 5);
    EXPECT_THAT(problems(only, table), ElementsAre(HasSubstr("line 4: there is a second row")));
    EXPECT_THAT(problems(keyed, "op,iops\nwrite,1\n"), ElementsAre(HasSubstr("there is no row")));
    EXPECT_THAT(problems(keyed, "a,b\n1,2\n"), ElementsAre("there is no column iops"));
}

TEST(BenchmarkValues, AreFoundInMetricLinesHoweverLongTheOutputIs) {
    const std::string output = std::string(5 << 20U, '\n') + "LAB_METRIC r 3 s\n";

    EXPECT_EQ(value_or_throw(read_values(reading(""), output)).front().value, 3);
    for (const auto* source : {", json: /r", ", csv: r", ", regex: 'r ([0-9]+)'"}) {
        EXPECT_THAT(problems(reading(source), output),
                    ElementsAre("output over 4.0 MiB: the value may be cut"));
    }
}

TEST(BenchmarkValues, AreNotReadFromWhatMayHaveBeenCut) {
    const std::vector<std::pair<std::string, std::string>> outputs{
        {"", "LAB_METRIC r 3 s"},
        {", json: /r", "{\"r\": 12"},
        {", csv: r", "r\n12"},
        {", regex: 'r ([0-9]+)'", "r 12"}};
    for (const auto& [source, output] : outputs) {
        const auto benchmark = reading(source);
        PrintedValues values(benchmark);
        values.feed(output);
        EXPECT_FALSE(values.finish(core::OutputEnd::cut)) << source;
    }
}

TEST(BenchmarkValues, AreReadFromMetricLines) {
    const auto benchmark = reading("");

    EXPECT_EQ(value_or_throw(read_values(benchmark, "LAB_METRIC r 3 s\n")).front().value, 3);
    EXPECT_THAT(problems(benchmark, "LAB_METRIC r 3 ms\n"), ElementsAre("came in ms (must be s)"));
    EXPECT_THAT(problems(benchmark, "LAB_METRIC other 3 s\n"),
                ElementsAre("printed no LAB_METRIC r"));
    EXPECT_THAT(problems(benchmark, "LAB_METRIC r 3 s\nLAB_METRIC r 4 s\n"),
                ElementsAre(HasSubstr("output line 2")));
}

} // namespace
} // namespace lab::plan::test
