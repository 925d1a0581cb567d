// SPDX-License-Identifier: Apache-2.0
#include "plan/bench_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::plan {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

/// The shape of Fastpath's documented examples.
constexpr const char* physical = R"(sut:
  name: arm-server
  connection:
    method: SSH
    params:
      host: server.example
      user: fpuser
      port: 2222
      keyfile: keys/id
swprofiles:
  - name: 6.8.0-baseline
    kernel: kernels/good/Image.gz
    modules: kernels/good/modules.tar.xz
    kernel_git_sha: e8f897f4afef0031fe618a8e94127a0934896aba
    cmdline: [mitigations=off, nosmt]
    sysctl: ["kernel.randomize_va_space=0"]
    bootscript:
      - cpupower frequency-set -g performance
  - name: 6.9.0-new
    kernel: /boot/Image.gz
benchmarks:
  - include: speedometer/v2.1.yaml
  - include: sysbench/thread.yaml
    params: {threads: 8}
    repeats: 5
  - suite: own
    name: loop
    type: command
    command: ./loop $count
    params: {count: 1000}
    sessions: 3
    resultclasses:
      - {name: score, unit: runs/min, better: higher}
defaults:
  benchmark: {warmups: 1, repeats: 2, sessions: 2, timeout: 1h}
)";

BenchPlan read(const std::string& text) {
    return value_or_throw(parse_plan(text, "/plans/plan.yaml"));
}

std::string problems_of(const std::string& text) {
    const auto plan = parse_plan(text, "/plans/plan.yaml");
    std::string all;
    if (!plan) {
        for (const auto& problem : plan.error()) {
            all += problem.where + ": " + problem.message + "\n";
        }
    }
    return all;
}

TEST(BenchPlan, SaysHowAMachineIsReached) {
    const auto sut = read(physical).sut;
    EXPECT_EQ(sut.name, "arm-server");
    ASSERT_TRUE(sut.address);
    EXPECT_EQ(sut.address->host, "server.example");
    EXPECT_EQ(sut.address->user, "fpuser");
    EXPECT_EQ(sut.address->port, 2222U);
    EXPECT_EQ(sut.address->key, "/plans/keys/id");
}

TEST(BenchPlan, HasSoftwareProfiles) {
    const auto profiles = read(physical).profiles;
    ASSERT_EQ(profiles.size(), 2U);
    EXPECT_EQ(profiles[0].kernel, "kernels/good/Image.gz");
    EXPECT_EQ(profiles[0].modules, "/plans/kernels/good/modules.tar.xz");
    EXPECT_EQ(profiles[0].kernel_git_sha, "e8f897f4afef0031fe618a8e94127a0934896aba");
    EXPECT_THAT(profiles[0].cmdline, ElementsAre("mitigations=off", "nosmt"));
    EXPECT_THAT(profiles[0].sysctl, ElementsAre("kernel.randomize_va_space=0"));
    EXPECT_THAT(profiles[0].bootscript, ElementsAre("cpupower frequency-set -g performance"));
    EXPECT_EQ(profiles[1].kernel, "/boot/Image.gz");
}

TEST(BenchPlan, IncludesBenchmarksOrHoldsThem) {
    const auto plan = read(physical);
    ASSERT_EQ(plan.benchmarks.size(), 3U);
    EXPECT_EQ(plan.benchmarks[0].include, "speedometer/v2.1");
    EXPECT_EQ(plan.benchmarks[1].params.at("threads"), "8");
    EXPECT_EQ(plan.benchmarks[1].counts.repeats, 5U);
    ASSERT_TRUE(plan.benchmarks[2].own);
    EXPECT_EQ(plan.benchmarks[2].own->id(), "own/loop");
    EXPECT_EQ(plan.benchmarks[2].own->params.at(0).value, "1000");
}

TEST(BenchPlan, HasDefaultsForWhatABenchmarkDoesNotSay) {
    const auto plan = read(physical);
    const auto& own = plan.benchmarks[2];
    const auto benchmark = own.counts.applied_to(plan.defaults.applied_to(*own.own));
    EXPECT_EQ(benchmark.warmups, 1U);
    EXPECT_EQ(benchmark.repeats, 2U);
    EXPECT_EQ(benchmark.sessions, 3U);
    EXPECT_EQ(benchmark.timeout, 1h);
}

TEST(BenchPlan, MayNameATestVmAndBuilds) {
    const auto plan = read("sut: pebble-test\n"
                           "swprofiles:\n"
                           "  - {name: good, kernel: pebble-build/b4db386f9fa7}\n"
                           "benchmarks:\n"
                           "  - include: pebble/ioctl.yaml\n");
    EXPECT_EQ(plan.sut.name, "pebble-test");
    EXPECT_FALSE(plan.sut.address);
    EXPECT_EQ(plan.profiles[0].kernel, "pebble-build/b4db386f9fa7");
}

TEST(BenchPlan, ReportsEverythingWithItsPlace) {
    const auto problems = problems_of("sut: {connection: {method: LAVA, params: {host: -oX}}}\n"
                                      "swprofiles:\n"
                                      "  - {name: a, kernal: x}\n"
                                      "  - {name: a, kernel_git_sha: zz}\n"
                                      "benchmarks:\n"
                                      "  - {include: ../x}\n"
                                      "defaults: {benchmark: {repeats: 0}}\n");
    EXPECT_THAT(problems, HasSubstr("plan.yaml:1:28"));
    EXPECT_THAT(problems, HasSubstr("'-oX' is not allowed"));
    EXPECT_THAT(problems, HasSubstr("kernal"));
    EXPECT_THAT(problems, HasSubstr("'a' stands twice"));
    EXPECT_THAT(problems, HasSubstr("'zz' is not a commit"));
    EXPECT_THAT(problems, HasSubstr("'../x' is no benchmark file"));
    EXPECT_THAT(problems, HasSubstr("plan.yaml:7:"));
}

TEST(BenchPlan, NeedsProfilesAndBenchmarks) {
    const auto problems = problems_of("sut: t\nswprofiles: []\n");
    EXPECT_THAT(problems, HasSubstr("swprofiles: is empty"));
    EXPECT_THAT(problems, HasSubstr("benchmarks"));
}

} // namespace
} // namespace lab::plan
