// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan/helpers.h"

namespace lab::plan::test {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

TEST(Benchmark, ReadsEveryKey) {
    const auto benchmark = benchmark_of(valid_benchmark);

    ASSERT_THAT(problems_of(benchmark), ElementsAre());
    EXPECT_EQ(benchmark->id(), "pebble/ioctl");
    EXPECT_EQ(benchmark->description, "Calls of the table device.");
    EXPECT_EQ(benchmark->command, "/bin/bench ioctl");
    EXPECT_EQ(benchmark->timeout, 5min);
    EXPECT_EQ(benchmark->warmups, 1U);
    EXPECT_EQ(benchmark->repeats, 3U);
    EXPECT_EQ(benchmark->sessions, 2U);
    EXPECT_EQ(benchmark->clock, GuestClock::instructions);
    ASSERT_EQ(benchmark->resultclasses.size(), 2U);
    EXPECT_EQ(benchmark->resultclasses[0].name, "ioctl-rate");
    EXPECT_EQ(benchmark->resultclasses[0].unit, "calls/s");
    EXPECT_EQ(benchmark->resultclasses[0].better, core::Direction::higher_is_better);
    EXPECT_EQ(benchmark->resultclasses[1].better, core::Direction::lower_is_better);
}

TEST(Benchmark, HasDefaultsForEverythingOptional) {
    const auto benchmark = benchmark_of("suite: pebble\nname: ioctl\ncommand: x\n"
                                        "resultclasses: [{name: r, unit: s, better: lower}]\n");

    ASSERT_THAT(problems_of(benchmark), ElementsAre());
    EXPECT_EQ(benchmark->timeout, 10min);
    EXPECT_EQ(benchmark->warmups, 0U);
    EXPECT_EQ(benchmark->repeats, 1U);
    EXPECT_EQ(benchmark->sessions, 1U);
    EXPECT_EQ(benchmark->clock, GuestClock::wall);
}

TEST(Benchmark, SaysWhatOtherInstancesDoMeanwhile) {
    const std::string text = "suite: pebble\nname: ioctl\ncommand: x\n"
                             "resultclasses: [{name: r, unit: s, better: lower}]\n";

    EXPECT_EQ(benchmark_of(text)->quiet, Quiet::none);
    EXPECT_EQ(benchmark_of(text + "quiet: pause\n")->quiet, Quiet::pause);
    EXPECT_THAT(problems_of(benchmark_of(text + "quiet: please\n")),
                ElementsAre(testing::HasSubstr("quiet: 'please' is unknown")));
}

TEST(Benchmark, MustLieWhereItsNameSays) {
    const auto benchmark = parse_benchmark(valid_benchmark, "/b/pebble/syscall.yaml");

    EXPECT_THAT(problems_of(benchmark),
                ElementsAre("syscall.yaml:1:1: the benchmark is called 'pebble/ioctl' (its file "
                            "says 'pebble/syscall': <suite>/<name>.yaml)"));
}

struct BadBenchmark {
    const char* name;
    const char* from;
    const char* to;
    const char* problem;
};

void PrintTo(const BadBenchmark& row, std::ostream* out) {
    *out << row.name;
}

class BenchmarkRefuses : public testing::TestWithParam<BadBenchmark> {};

TEST_P(BenchmarkRefuses, WithOneProblem) {
    const auto& row = GetParam();

    const auto benchmark = benchmark_of(replaced(valid_benchmark, row.from, row.to));

    EXPECT_THAT(problems_of(benchmark), ElementsAre("ioctl.yaml:" + std::string(row.problem)));
}

INSTANTIATE_TEST_SUITE_P(
    Values, BenchmarkRefuses,
    testing::Values(
        BadBenchmark{"NoDirection", ", better: higher", "",
                     "11:5: resultclasses[0]: the key 'better' is missing"},
        BadBenchmark{"UnknownDirection", "better: higher", "better: more",
                     "11:47: resultclasses[0].better: 'more' is unknown (allowed: higher, lower)"},
        BadBenchmark{"NameTwice", "ioctl-time", "ioctl-rate",
                     "12:12: resultclasses[1].name: 'ioctl-rate' stands twice (names are unique)"},
        BadBenchmark{"UnitOfTwoWords", "calls/s", "calls per s",
                     "11:30: resultclasses[0].unit: 'calls per s' is not a unit (one word of at "
                     "most 32 of A-Z, a-z, 0-9 and ._/%-)"},
        BadBenchmark{"NoRuns", "repeats: 3", "repeats: 0",
                     "7:10: repeats: '0' is out of range (allowed: 1 to 1000)"},
        BadBenchmark{"TooLong", "timeout: 5m", "timeout: 2d",
                     "5:10: timeout: '2d' is out of range (allowed: 1s to 1d)"},
        BadBenchmark{"TwoSources", ", better: higher", ", better: higher, json: /a, csv: b",
                     "11:70: resultclasses[0].csv: the value is read in another way already (one "
                     "of json, csv, regex)"},
        BadBenchmark{"PatternWithoutGroup", ", better: higher", ", better: higher, regex: x",
                     "11:62: resultclasses[0].regex: 'x' is not allowed (exactly one group around "
                     "the number, as in 'score: ([0-9.]+)')"},
        BadBenchmark{
            "NoPointer", ", better: higher", ", better: higher, json: a",
            "11:61: resultclasses[0].json: 'a' is no JSON pointer (for example /jobs/0/read/iops)"},
        BadBenchmark{"ContainerWithoutImage",
                     "command:", "type: container\ncommand:", "1:1: the key 'image' is missing"},
        BadBenchmark{"ImageWithoutContainer", "command:", "image: x\ncommand:",
                     "4:8: image: goes with type: container only"},
        BadBenchmark{"BadParamName",
                     "command:", "params: {a-b: {type: text, default: x}}\ncommand:",
                     "4:15: params.a-b: 'a-b' is not a parameter's name (1 to 32 of a-z, 0-9 and "
                     "_, no digit first)"},
        BadBenchmark{"DefaultOutOfRange",
                     "command:", "params: {n: {type: integer, default: 5, max: 4}}\ncommand:",
                     "4:38: params.n.default: '5' is not allowed (a whole number up to 4)"},
        BadBenchmark{"NoCommand", "command: /bin/bench ioctl\n", "",
                     "1:1: the key 'command' is missing"}),
    [](const auto& row) { return row.param.name; });

TEST(Benchmark, NeedsAResultclass) {
    const auto benchmark =
        benchmark_of("suite: pebble\nname: ioctl\ncommand: x\nresultclasses: []\n");

    EXPECT_THAT(problems_of(benchmark),
                ElementsAre("ioctl.yaml:4:16: resultclasses: there is no resultclass (at least "
                            "one)"));
}

} // namespace
} // namespace lab::plan::test
