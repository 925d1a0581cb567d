// SPDX-License-Identifier: Apache-2.0
#include "base/ids.h"
#include "plan/job_spec.h"
#include "tests/unit/plan/helpers.h"

namespace lab::plan::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const std::string commit(40, 'b');

/// One spec of each kind with no member at its default.
std::vector<JobSpec> full_specs() {
    const BuildTarget build{"b1", "refs/heads/x", commit};
    const InstallTarget install{{"b1", "v1.0~3", ""}, "t1"};
    BisectSpec bisect;
    bisect.good = "v1";
    bisect.bad = commit;
    bisect.vm = "b1";
    bisect.on = "t1";
    bisect.check = {"pebble/ioctl", "ioctl-rate", ""};
    bisect.confidence = 0.95;
    bisect.first_parent = true;
    bisect.kernel_only = true;
    bisect.paths = {"kernel", "schön"};
    bisect.jobs = 2;
    bisect.panic_is_bad = true;
    bisect.strategy = core::Strategy::git;
    bisect.wanted = core::Wanted::largest;
    bisect.said = {{"v1.1", core::Verdict::good}, {commit, core::Verdict::skip}};
    return {CreateSpec{{"b1", "t1"}},
            BuildSpec{{build, {"b2", "v2"}}, BuildMode::kernel, CleanBuild::yes},
            InstallSpec{{install}, "b2"},
            TestSpec{{"t1", build}, {"", "", "test -e \"/x\"\nexit 1"}, 2U, 3U, 0U},
            bisect,
            StartSpec{{"t1", build}}};
}

TEST(JobSpec, ComesBackFromJsonAsItWas) {
    for (const auto& spec : full_specs()) {
        const auto text = to_json(spec);

        const auto again = job_spec_from_json(text);

        ASSERT_THAT(problems_of(again), ElementsAre()) << text;
        EXPECT_EQ(to_json(again.value()), text);
        EXPECT_STREQ(kind_of(again.value()), kind_of(spec));
    }
}

TEST(JobSpec, KeepsEveryMemberOfABisection) {
    const auto again = job_spec_from_json(to_json(full_specs()[4]));

    ASSERT_TRUE(again);
    const auto& bisect = std::get<BisectSpec>(again.value());
    EXPECT_EQ(bisect.good, "v1");
    EXPECT_EQ(bisect.bad, commit);
    EXPECT_EQ(bisect.vm, "b1");
    EXPECT_EQ(bisect.on, "t1");
    EXPECT_EQ(bisect.check.benchmark, "pebble/ioctl");
    EXPECT_EQ(bisect.check.metric, "ioctl-rate");
    EXPECT_EQ(bisect.confidence, 0.95);
    EXPECT_TRUE(bisect.first_parent);
    EXPECT_TRUE(bisect.kernel_only);
    EXPECT_THAT(bisect.paths, ElementsAre("kernel", "schön"));
    EXPECT_EQ(bisect.jobs, 2U);
    EXPECT_TRUE(bisect.panic_is_bad);
    EXPECT_EQ(bisect.strategy, core::Strategy::git);
    EXPECT_EQ(bisect.wanted, core::Wanted::largest);
    ASSERT_EQ(bisect.said.size(), 2U);
    EXPECT_EQ(bisect.said[0].commit, "v1.1");
    EXPECT_EQ(bisect.said[0].verdict, core::Verdict::good);
    EXPECT_FALSE(bisect.local);
}

TEST(JobSpec, KeepsEveryMemberOfABuildAndATest) {
    const auto build = job_spec_from_json(to_json(full_specs()[1]));
    const auto test = job_spec_from_json(to_json(full_specs()[3]));

    ASSERT_TRUE(build && test);
    const auto& build_spec = std::get<BuildSpec>(build.value());
    ASSERT_EQ(build_spec.targets.size(), 2U);
    EXPECT_EQ(build_spec.targets[0].vm, "b1");
    EXPECT_EQ(build_spec.targets[0].revision, "refs/heads/x");
    EXPECT_EQ(build_spec.targets[0].commit, commit);
    EXPECT_EQ(build_spec.mode, BuildMode::kernel);
    EXPECT_EQ(build_spec.clean, CleanBuild::yes);
    const auto& test_spec = std::get<TestSpec>(test.value());
    EXPECT_EQ(test_spec.target.vm, "t1");
    EXPECT_EQ(test_spec.target.build->commit, commit);
    EXPECT_EQ(test_spec.check.command, "test -e \"/x\"\nexit 1");
    EXPECT_EQ(test_spec.sessions, 2U);
    EXPECT_EQ(test_spec.repeats, 3U);
    EXPECT_EQ(test_spec.warmups, 0U);
}

TEST(JobSpec, LeavesOutAbsentOptionals) {
    const MachineTarget target{"t1"};
    const auto text = to_json(TestSpec{target, {"a/b", "", ""}, {}, {}, {}});

    const auto again = job_spec_from_json(text);

    EXPECT_THAT(text, testing::Not(HasSubstr("sessions")));
    EXPECT_THAT(text, testing::Not(HasSubstr("params")));
    EXPECT_THAT(text, testing::Not(HasSubstr("build")));
    ASSERT_TRUE(again);
    EXPECT_EQ(std::get<TestSpec>(again.value()).sessions, std::nullopt);
}

TEST(JobSpec, KeepsTheParametersOfABenchmark) {
    const std::map<std::string, std::string> params{{"threads", "4"}, {"note", "it's ünlike"}};

    const auto again =
        job_spec_from_json(to_json(TestSpec{{"t1"}, {"a/b", "", "", params}, {}, {}, {}}));

    ASSERT_TRUE(again);
    EXPECT_EQ(std::get<TestSpec>(again.value()).check.params, params);
}

TEST(JobSpec, KeepsTheClockAndTheQuietOfACheck) {
    plan::Check check{"a/b"};
    check.clock = GuestClock::instructions;
    check.quiet = Quiet::pin;

    const auto text = to_json(TestSpec{{"t1"}, check, {}, {}, {}});
    const auto again = job_spec_from_json(text);
    auto wrong = text;
    wrong.replace(wrong.find("pin"), 3, "hush");

    ASSERT_TRUE(again);
    EXPECT_EQ(std::get<TestSpec>(again.value()).check.clock, GuestClock::instructions);
    EXPECT_EQ(std::get<TestSpec>(again.value()).check.quiet, Quiet::pin);
    const auto refused = job_spec_from_json(wrong);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().front().message, "is not allowed (none, pause or pin)");
}

TEST(JobSpec, NamesAMachineOrABuildInIt) {
    const auto own = parse_machine_target("t1");
    const auto built = parse_machine_target("b1/a/b/t1");

    ASSERT_TRUE(own && built);
    EXPECT_EQ(own->vm, "t1");
    EXPECT_FALSE(own->build);
    EXPECT_EQ(built->vm, "t1");
    EXPECT_EQ(built->build->vm, "b1");
    EXPECT_EQ(built->build->revision, "a/b");
    EXPECT_FALSE(parse_machine_target("-rf"));
    EXPECT_FALSE(parse_machine_target(""));
    EXPECT_FALSE(parse_machine_target("../x"));
}

TEST(JobSpec, IsNotWrittenWithTextThatIsNotUtf8) {
    EXPECT_THROW(static_cast<void>(to_json(CreateSpec{{"\xff"}})), Error);
}

struct BadJson {
    const char* name;
    const char* text;
    const char* problem;
};

void PrintTo(const BadJson& row, std::ostream* out) {
    *out << row.name;
}

class JobSpecRefuses : public testing::TestWithParam<BadJson> {};

TEST_P(JobSpecRefuses, WithTheMemberAtFault) {
    const auto& row = GetParam();

    const auto spec = job_spec_from_json(row.text);

    EXPECT_THAT(problems_of(spec), testing::Contains(HasSubstr(row.problem)));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, JobSpecRefuses,
    testing::Values(
        BadJson{"NoJson", "{", "spec: is not JSON"},
        BadJson{"TwoValues", "{} {}", "spec: is not JSON"},
        BadJson{"BadUtf8", "{\"kind\": \"\xff\"}", "spec: is not JSON"},
        BadJson{"NoObject", "[]", "spec: is not an object"},
        BadJson{"NoKind", "{}", "spec: the member 'kind' is missing"},
        BadJson{"UnknownKind", R"({"kind": "erase"})",
                "spec.kind: is not allowed (create, build, install, test, bisect, start, plan)"},
        BadJson{"KindOfOtherType", R"({"kind": 1})", "spec.kind: is not a text"},
        BadJson{"MissingMember", R"({"kind": "create"})", "spec: the member 'vms' is missing"},
        BadJson{"UnknownMember", R"({"kind": "create", "vms": ["a"], "x": 1})",
                "spec: unknown member 'x' (allowed: kind, vms)"},
        BadJson{"DuplicateMember", R"({"kind": "create", "vms": ["a"], "vms": ["b"]})",
                "spec: the member 'vms' stands twice"},
        BadJson{"BadName", R"({"kind": "start", "target": {"vm": "../x"}})",
                "spec.target.vm: is not allowed"},
        BadJson{
            "NestedTypo",
            R"({"kind": "start", "target": {"vm": "t", "build": {"vm": "b", "revison": "v", "commit": ""}}})",
            "spec.target.build: unknown member 'revison' (allowed: commit, revision, vm)"},
        BadJson{
            "BadRevision",
            R"({"kind": "start", "target": {"vm": "t", "build": {"vm": "b", "revision": "-rf", "commit": ""}}})",
            "spec.target.build.revision: '-rf' is not a revision (it begins with '-')"},
        BadJson{
            "BadCommit",
            R"({"kind": "start", "target": {"vm": "t", "build": {"vm": "b", "revision": "v", "commit": "12"}}})",
            "spec.target.build.commit: is not allowed"},
        BadJson{"NullForText", R"({"kind": "start", "target": {"vm": null}})",
                "spec.target.vm: is not a text"},
        BadJson{"NoTargets", R"({"kind": "build", "targets": [], "mode": "full", "clean": false})",
                "spec.targets: is not allowed (at least one)"},
        BadJson{"BadMode", R"({"kind": "build", "targets": [], "mode": "half", "clean": false})",
                "spec.mode: is not allowed (full or kernel)"},
        BadJson{"BadFlag", R"({"kind": "build", "targets": [], "mode": "full", "clean": 1})",
                "spec.clean: is not allowed (true or false)"}),
    [](const auto& row) { return row.param.name; });

/// A bisection's JSON with one piece of its text replaced.
std::vector<std::string> problems_of_bisect(const std::string& from, const std::string& to) {
    return problems_of(job_spec_from_json(replaced(to_json(full_specs()[4]), from, to)));
}

BisectSpec local_bisect() {
    BisectSpec bisect;
    bisect.good = "v1";
    bisect.bad = "v2";
    bisect.local = LocalCheck{"/src/linux", {"make", "-s test"}};
    bisect.local->directory = "/home/me";
    bisect.local->search_path = "/usr/bin:/bin";
    bisect.local->timeout_seconds = 90;
    bisect.local->timeout_is_bad = true;
    bisect.local->metric_regex = "t=([0-9]+)";
    bisect.local->direction = core::Direction::lower_is_better;
    return bisect;
}

TEST(JobSpec, KeepsALocalBisection) {
    const auto again = job_spec_from_json(to_json(local_bisect()));

    ASSERT_TRUE(again);
    const auto& local = std::get<BisectSpec>(*again).local;
    ASSERT_TRUE(local);
    EXPECT_EQ(local->repository, "/src/linux");
    EXPECT_THAT(local->argv, ElementsAre("make", "-s test"));
    EXPECT_EQ(local->directory, "/home/me");
    EXPECT_EQ(local->search_path, "/usr/bin:/bin");
    EXPECT_EQ(local->timeout_seconds, 90U);
    EXPECT_TRUE(local->timeout_is_bad);
    EXPECT_EQ(local->metric_regex, "t=([0-9]+)");
    EXPECT_EQ(local->direction, core::Direction::lower_is_better);
}

TEST(JobSpec, RefusesALocalBisectionThatCannotBe) {
    const auto text = to_json(local_bisect());
    const auto problems = [&](const std::string& from, const std::string& to) {
        return problems_of(job_spec_from_json(replaced(text, from, to)));
    };

    EXPECT_THAT(problems("/src/linux", "linux"),
                ElementsAre("spec.local.repository: is not allowed (an absolute path)"));
    EXPECT_THAT(problems("[\"make\",\"-s test\"]", "[]"), SizeIs(1));
    EXPECT_THAT(problems("\"timeout_seconds\":90", "\"timeout_seconds\":0"), SizeIs(1));
    EXPECT_THAT(problems("t=([0-9]+)", "t="), SizeIs(1));
    EXPECT_THAT(problems("lower_is_better", "lower"), SizeIs(1));
    EXPECT_THAT(problems("\"strategy\":\"bayes\"", "\"strategy\":\"best\""),
                ElementsAre("spec.strategy: is not allowed (git or bayes)"));
    EXPECT_THAT(problems("\"vm\":\"\"", "\"vm\":\"v\""),
                ElementsAre("spec.vm: is not allowed (nothing beside a local check)"));
}

TEST(JobSpec, HoldsNoPasswordOfAStore) {
    PlanSpec plan;
    plan.text = "x";
    plan.file = "/plan.yaml";
    plan.append = true;
    for (const auto* url : {"mysql://u:hunter2@h/d", "postgresql://u@h/d?password=hunter2",
                            "mysql://u@h/d?socket=/s&pass=hunter2", "mysql://u@h:hunter2/d"}) {
        plan.output = url;
        EXPECT_THAT(problems_of(job_spec_from_json(to_json(JobSpec(plan)))),
                    ElementsAre("spec.output: is not allowed (a store's URL without a password: "
                                "?password_file=FILE or ?password_env=NAME)"))
            << url;
    }
    for (const auto* url : {"mysql://u@h:3306/d?password_file=/f", "postgresql://u@[::1]:5432/d",
                            "/a:b@c/d", "csv:///x:y@z", "sqlite:///a/u@h:x"}) {
        plan.output = url;
        EXPECT_THAT(problems_of(job_spec_from_json(to_json(JobSpec(plan)))), ElementsAre()) << url;
    }
}

TEST(JobSpec, HasLimitsForNumbers) {
    EXPECT_THAT(problems_of_bisect("\"confidence\":0.95", "\"confidence\":1"),
                ElementsAre("spec.confidence: is not allowed (a number from 0.5 to below 1)"));
    EXPECT_THAT(problems_of_bisect("\"confidence\":0.95", "\"confidence\":0.49"), SizeIs(1));
    EXPECT_THAT(problems_of_bisect("\"confidence\":0.95", "\"confidence\":\"0.9\""), SizeIs(1));
    EXPECT_THAT(problems_of_bisect("\"jobs\":2", "\"jobs\":257"),
                ElementsAre("spec.jobs: is not allowed (a whole number from 0 to 256)"));
    EXPECT_THAT(problems_of_bisect("\"jobs\":2", "\"jobs\":-1"), SizeIs(1));
    EXPECT_THAT(problems_of_bisect("\"jobs\":2", "\"jobs\":99999999999999999999"), SizeIs(1));
    EXPECT_THAT(problems_of_bisect("\"jobs\":2", "\"jobs\":1.5"), SizeIs(1));
}

TEST(JobSpec, NeedsExactlyOneWayToJudge) {
    EXPECT_THAT(problems_of_bisect("\"command\":\"\"", "\"command\":\"true\""),
                ElementsAre("spec.check: must have either a benchmark or a command"));
    EXPECT_THAT(
        problems_of_bisect("\"benchmark\":\"pebble/ioctl\"", "\"benchmark\":\"\""),
        ElementsAre("spec.check: must have either a benchmark or a command",
                    "spec.check: a metric, a parameter, a clock or quiet needs a benchmark"));
    EXPECT_THAT(problems_of_bisect("pebble/ioctl", "../ioctl"),
                ElementsAre("spec.check.benchmark: is not allowed (<suite>/<name>)"));
    EXPECT_THAT(problems_of_bisect("\"paths\":[\"kernel\"", "\"paths\":[\"\""),
                ElementsAre("spec.paths[0]: is not a text"));
}

TEST(JobSpec, RefusesTextsMadeToHurt) {
    EXPECT_THAT(problems_of(job_spec_from_json(std::string((1U << 20U) + 1, ' '))),
                ElementsAre("spec: is too large (at most 1 MiB)"));
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    EXPECT_THAT(problems_of(job_spec_from_json(deep)),
                ElementsAre("spec: is nested too deep (at most 16)"));
    std::string many = "{\"kind\": \"create\", \"vms\": [\"a\"]";
    for (int i = 0; i < 10'000; ++i) {
        many += ", \"k" + std::to_string(i) + "\": 1";
    }
    EXPECT_THAT(job_spec_from_json(many + "}").error(), SizeIs(100));
}

TEST(BuildTarget, IsSplitAtTheFirstSlash) {
    const auto target = parse_build_target("baarch64/feature/x~2");

    ASSERT_TRUE(target);
    EXPECT_EQ(target->vm, "baarch64");
    EXPECT_EQ(target->revision, "feature/x~2");
    EXPECT_EQ(target->commit, "");
}

TEST(InstallTarget, IsSplitAtTheFirstAndTheLastSlash) {
    const auto target = parse_install_target("baarch64/feature/x~2/taarch64");

    ASSERT_TRUE(target);
    EXPECT_EQ(target->build.vm, "baarch64");
    EXPECT_EQ(target->build.revision, "feature/x~2");
    EXPECT_EQ(target->test_vm, "taarch64");
}

TEST(BuildTarget, IsRefusedWithTheReason) {
    const std::string rule = valid_name_rule;
    EXPECT_THAT(problems_of(parse_build_target("../x")),
                ElementsAre("../x: '..' is not the name of a VM (" + rule + ")"));
    EXPECT_THAT(problems_of(parse_build_target("-rf")),
                ElementsAre("-rf: '-rf' is not the name of a VM (" + rule + ")"));
    EXPECT_THAT(problems_of(parse_build_target("")),
                ElementsAre("'': '' is not the name of a VM (" + rule + ")"));
    EXPECT_THAT(problems_of(parse_build_target("vm")),
                ElementsAre("vm: names no commit (form: <vm>/<commit>)"));
    EXPECT_THAT(problems_of(parse_build_target("vm/")),
                ElementsAre("vm/: the revision is missing (a commit, tag or branch)"));
    EXPECT_THAT(problems_of(parse_build_target("vm/-rf")),
                ElementsAre("vm/-rf: '-rf' is not a revision (it begins with '-')"));
    EXPECT_THAT(problems_of(parse_build_target("vm/a\x1b[2J")),
                ElementsAre("vm/a\\x1b[2J: 'a\\x1b[2J' is not a revision (UTF-8 without control "
                            "characters)"));
}

TEST(InstallTarget, IsRefusedWithTheReason) {
    const std::string rule = valid_name_rule;
    EXPECT_THAT(problems_of(parse_install_target("b/v1")),
                ElementsAre("b/v1: names no commit and test VM (form: <vm>/<commit>/<testvm>)"));
    EXPECT_THAT(problems_of(parse_install_target("b")), SizeIs(1));
    EXPECT_THAT(problems_of(parse_install_target("b/v1/")),
                ElementsAre("b/v1/: '' is not the name of a VM (" + rule + ")"));
    EXPECT_THAT(problems_of(parse_install_target("b//t")),
                ElementsAre("b//t: the revision is missing (a commit, tag or branch)"));
}

TEST(Revision, IsAnyTextGitMightKnow) {
    for (const auto* text : {"v1.0", "HEAD~3", "a/b", "HEAD^{/fix bug}", "ümlaut", "@{u}"}) {
        EXPECT_TRUE(parse_revision(text)) << text;
    }
    for (const auto& text : {std::string(), std::string("--all"), std::string("a\0b", 3),
                             std::string("a\nb"), std::string("\xff"), std::string(1025, 'a')}) {
        EXPECT_FALSE(parse_revision(text)) << text;
    }
}

} // namespace
} // namespace lab::plan::test
