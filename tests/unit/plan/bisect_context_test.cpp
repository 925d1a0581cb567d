// SPDX-License-Identifier: Apache-2.0
#include "plan/bisect_context.h"

#include "tests/unit/plan/helpers.h"

namespace lab::plan::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// The documented context of Fastpath with its dots filled in.
constexpr const char* documented = R"(plan:
  sut:
    name: "Ampere Altra Max"
    connection:
      method: SSH
      params: {host: test-server, user: root, keyfile: /root/.ssh/id_rsa}
  swprofiles:
    - cmdline: [mitigations=off]
      sysctl: []
      bootscript: []
  benchmarks:
    - suite: sysbench
      name: thread
      type: container
      image: "registry.example/sysbench:v1"
      params: {threads: 8}
  defaults:
    benchmark:
      warmups: 1
      repeats: 3
      sessions: 2
good-swprofile: "6.8.0-baseline"
good_sha: "a1b2c3d4e5f6"
bad-swprofile: "6.9.0-regression"
bad_sha: "f6e5d4c3b2a1"
resultclass: "sysbenchthread-110"
resultstore: "mysql://host/db"
output-resultstore: "/tmp/bisect-resultstore-abc123/"
)";

Parsed<BisectContext> parse(const std::string& text) {
    return parse_bisect_context(text, "/contexts/bisection_context.yaml");
}

BisectContext read(const std::string& text) {
    return value_or_throw(parse(text));
}

TEST(BisectContext, ReadsTheDocumentedOneKeyByKey) {
    const auto context = read(documented);

    EXPECT_EQ(context.sut.name, "Ampere Altra Max");
    ASSERT_TRUE(context.sut.address);
    EXPECT_EQ(context.sut.address->host, "test-server");
    EXPECT_EQ(context.sut.address->user, "root");
    EXPECT_EQ(context.sut.address->key, "/root/.ssh/id_rsa");
    EXPECT_THAT(context.profile.cmdline, ElementsAre("mitigations=off"));
    EXPECT_THAT(context.profile.sysctl, IsEmpty());
    EXPECT_EQ(context.benchmark.title(), "sysbench/thread");
    EXPECT_EQ(context.benchmark.type, "container");
    EXPECT_EQ(context.benchmark.image, "registry.example/sysbench:v1");
    EXPECT_EQ(context.benchmark.params, (ParamValues{{"threads", "8"}}));
    EXPECT_EQ(context.defaults.warmups, 1U);
    EXPECT_EQ(context.defaults.repeats, 3U);
    EXPECT_EQ(context.defaults.sessions, 2U);
    EXPECT_EQ(context.good_swprofile, "6.8.0-baseline");
    EXPECT_EQ(context.good_sha, "a1b2c3d4e5f6");
    EXPECT_EQ(context.bad_swprofile, "6.9.0-regression");
    EXPECT_EQ(context.bad_sha, "f6e5d4c3b2a1");
    EXPECT_EQ(context.resultclass, "sysbenchthread-110");
    EXPECT_EQ(context.resultstore, "mysql://host/db");
    EXPECT_EQ(context.output_resultstore, "/tmp/bisect-resultstore-abc123/");
}

TEST(BisectContext, IsTheSameAfterWritingAndReading) {
    auto context = read(documented);
    context.sut.address->port = 2222;
    context.sut.name = "a \"quoted\" \\ name: # \xE2\x82\xAC \xF0\x9F\x90\xA7";
    context.profile.bootscript = {"echo 'it: works' > /x", "true # no comment"};
    context.benchmark.params["text"] = "{a, b}: [c] 'd' \"e\" & *f !g %h @i `j";
    context.benchmark.counts.timeout = 90s;
    context.good_swprofile = "yes";

    const auto text = to_yaml(context);

    const auto again = read(text);
    EXPECT_EQ(to_yaml(again), text);
    EXPECT_EQ(again.sut.name, context.sut.name);
    EXPECT_EQ(again.sut.address->port, 2222U);
    EXPECT_EQ(again.profile.bootscript, context.profile.bootscript);
    EXPECT_EQ(again.benchmark.params, context.benchmark.params);
    EXPECT_EQ(again.benchmark.counts.timeout, Duration(90s));
    EXPECT_EQ(again.defaults.repeats, 3U);
    EXPECT_EQ(again.good_swprofile, "yes");
}

TEST(BisectContext, IsWrittenInTheDocumentedOrder) {
    EXPECT_EQ(to_yaml(read(documented)), R"(plan:
  sut:
    name: "Ampere Altra Max"
    connection:
      method: SSH
      params:
        host: "test-server"
        user: "root"
        keyfile: "/root/.ssh/id_rsa"
  swprofiles:
    - cmdline: ["mitigations=off"]
      sysctl: []
      bootscript: []
  benchmarks:
    - suite: "sysbench"
      name: "thread"
      type: "container"
      image: "registry.example/sysbench:v1"
      params: {threads: "8"}
  defaults:
    benchmark:
      warmups: 1
      repeats: 3
      sessions: 2
good-swprofile: "6.8.0-baseline"
good_sha: "a1b2c3d4e5f6"
bad-swprofile: "6.9.0-regression"
bad_sha: "f6e5d4c3b2a1"
resultclass: "sysbenchthread-110"
resultstore: "mysql://host/db"
output-resultstore: "/tmp/bisect-resultstore-abc123/"
)");
}

TEST(BisectContext, GivesThePlanOfOneCommit) {
    auto context = read(documented);
    context.benchmark.counts.timeout = 1h;

    const auto text = plan_text(context, {"bisect-0123456789ab", "0123456789abcdef", "/k/Image.gz",
                                          "/k/modules.tar.xz", 4});

    const auto plan = value_or_throw(parse_plan(text, "/contexts/plan.yaml"));
    EXPECT_EQ(plan.sut.address->host, "test-server");
    ASSERT_EQ(plan.profiles.size(), 1U);
    EXPECT_EQ(plan.profiles[0].name, "bisect-0123456789ab");
    EXPECT_EQ(plan.profiles[0].kernel, "/k/Image.gz");
    EXPECT_EQ(plan.profiles[0].modules, "/k/modules.tar.xz");
    EXPECT_EQ(plan.profiles[0].kernel_git_sha, "0123456789abcdef");
    EXPECT_THAT(plan.profiles[0].cmdline, ElementsAre("mitigations=off"));
    ASSERT_EQ(plan.benchmarks.size(), 1U);
    EXPECT_EQ(plan.benchmarks[0].include, "sysbench/thread");
    EXPECT_EQ(plan.benchmarks[0].params.at("threads"), "8");
    EXPECT_EQ(plan.benchmarks[0].counts.repeats, 1U);
    EXPECT_EQ(plan.benchmarks[0].counts.sessions, 4U);
    EXPECT_EQ(plan.benchmarks[0].counts.timeout, Duration(1h));
    EXPECT_EQ(plan.defaults.warmups, 1U);
}

TEST(BisectContext, MayBeAboutATestVmAndABuild) {
    const auto context = read(replaced(documented, R"(
    name: "Ampere Altra Max"
    connection:
      method: SSH
      params: {host: test-server, user: root, keyfile: /root/.ssh/id_rsa})",
                                       " pebble-test"));

    const auto plan = value_or_throw(
        parse_plan(plan_text(context, {"bisect-0123456789ab", "0123456789ab", "b/0123456789ab"}),
                   "/contexts/plan.yaml"));

    EXPECT_EQ(plan.sut.name, "pebble-test");
    EXPECT_FALSE(plan.sut.address);
    EXPECT_EQ(plan.profiles[0].kernel, "b/0123456789ab");
    EXPECT_TRUE(plan.profiles[0].modules.empty());
    EXPECT_THAT(to_yaml(context), Not(HasSubstr("connection")));
}

struct BadContext {
    const char* name;
    const char* from;
    const char* to;
    const char* problem;
};

void PrintTo(const BadContext& row, std::ostream* out) {
    *out << row.name;
}

class BisectContextRefuses : public testing::TestWithParam<BadContext> {};

TEST_P(BisectContextRefuses, WithItsPlaceAndWhatIsAllowed) {
    const auto& row = GetParam();

    const auto problems = problems_of(parse(replaced(documented, row.from, row.to)));

    EXPECT_THAT(problems, testing::Contains(HasSubstr(row.problem)));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BisectContextRefuses,
    testing::Values(
        BadContext{"NoPlan", "plan:\n  sut:", "plant:\n  sut:", "the key 'plan' is missing"},
        BadContext{"UnknownKey", "good_sha:", "good-sha:", "the key 'good_sha' is missing"},
        BadContext{"ShaWithOtherLetters", "\"a1b2c3d4e5f6\"", "HEAD",
                   "bisection_context.yaml:23:11: good_sha: 'HEAD' is not a commit (7 to 64 of "
                   "0-9 and a-f)"},
        BadContext{"TwoProfiles", "    - cmdline: [mitigations=off]\n",
                   "    - cmdline: [a]\n    - cmdline: [b]\n",
                   "plan.swprofiles: has 2 entries (exactly one)"},
        BadContext{"NoBenchmark",
                   "    - suite: sysbench\n      name: thread\n      type: container\n      image: "
                   "\"registry.example/sysbench:v1\"\n      params: {threads: 8}\n",
                   "    []\n", "plan.benchmarks: has 0 entries (exactly one)"},
        BadContext{"OwnCommand", "      params: {threads: 8}", "      command: rm -rf /",
                   "plan.benchmarks[0].command: unknown key"},
        BadContext{"Method", "method: SSH", "method: LAVA", "LAVA"},
        BadContext{"HostLikeAnOption", "host: test-server", "host: -oProxyCommand=x",
                   "'-oProxyCommand=x' is not allowed"},
        BadContext{"Repeats", "repeats: 3", "repeats: 0", "repeats"},
        BadContext{"EmptyStore", "\"/tmp/bisect-resultstore-abc123/\"", "\"\"",
                   "output-resultstore"},
        BadContext{"Anchor", "good_sha: \"a1", "good_sha: &a \"a1", "anchor"},
        BadContext{"ControlCharacter", "\"6.8.0-baseline\"", "\"6.8\\e[31m\"", "good-swprofile"},
        BadContext{"ProfileWithAKernel", "- cmdline:", "- kernel: x\n      cmdline:",
                   "plan.swprofiles[0].kernel: unknown key"}),
    [](const auto& row) { return row.param.name; });

TEST(BisectContext, ReportsEverythingAtOnce) {
    const auto problems = problems_of(parse("plan: {sut: {}, swprofiles: [], benchmarks: [{}]}\n"
                                            "good_sha: x\n"));

    EXPECT_THAT(problems, testing::SizeIs(testing::Ge(10U)));
}

} // namespace
} // namespace lab::plan::test
