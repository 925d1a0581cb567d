// SPDX-License-Identifier: Apache-2.0
#include "plan/config_trust.h"

#include <gtest/gtest.h>

namespace lab::plan {
namespace {

constexpr const char* harmless_text =
    "sources: {s: {path: ../linux}}\n"
    "build_vms: {b: {machine: m, source: s, recipe: r, cpus: 4}}\n"
    "budget: {cpus: 2}\n";

TEST(PartsThatRunOrReveal, AreNoneOfMachinesAndSources) {
    EXPECT_EQ(parts_that_run_or_reveal(harmless_text), "");
    EXPECT_EQ(parts_that_run_or_reveal(""), "");
}

TEST(PartsThatRunOrReveal, AreReadByPeople) {
    const std::string text = std::string(harmless_text) +
                             "templates: [./mine]\n"
                             "notify:\n"
                             "  channels:\n"
                             "    x: {type: exec, argv: [rm, '-rf']}\n";

    EXPECT_EQ(parts_that_run_or_reveal(text), "templates:\n"
                                              "  - \"./mine\"\n"
                                              "notify:\n"
                                              "  \"channels\":\n"
                                              "    \"x\":\n"
                                              "      \"type\": \"exec\"\n"
                                              "      \"argv\":\n"
                                              "        - \"rm\"\n"
                                              "        - \"-rf\"\n");
}

TEST(PartsThatRunOrReveal, DoNotChangeWithFormOrWithOtherParts) {
    const auto before = parts_that_run_or_reveal("hypervisor: qemu:///system\n");

    EXPECT_EQ(
        parts_that_run_or_reveal("# mine\nbudget: {cpus: 7}\nhypervisor: \"qemu:///system\"\n"),
        before);
    EXPECT_NE(parts_that_run_or_reveal("hypervisor: qemu+ssh://elsewhere/system\n"), before);
}

TEST(PartsThatRunOrReveal, IncludeKeysThatAreNotKnown) {
    EXPECT_EQ(parts_that_run_or_reveal("power_cycle: [x]\n"), "power_cycle:\n  - \"x\"\n");
}

TEST(PartsThatRunOrReveal, IncludeWhatLetsAGuestOut) {
    EXPECT_EQ(parts_that_run_or_reveal(
                  "test_vms:\n  t: {machine: m, outbound: true}\n  u: {machine: m}\n"),
              "test_vms:\n  \"t\":\n    \"outbound\": \"true\"\n");
}

TEST(PartsThatRunOrReveal, IncludeWhatBuildsOnTheKernelOfTheHost) {
    EXPECT_EQ(parts_that_run_or_reveal("build_vms: {b: {machine: m, runs_in: container}}\n"),
              "build_vms:\n  \"b\":\n    \"runs_in\": \"container\"\n");
}

TEST(PartsThatRunOrReveal, AreAllOfWhatIsNoYaml) {
    EXPECT_EQ(parts_that_run_or_reveal("a: [1\n"), "a: [1\n");
    EXPECT_EQ(parts_that_run_or_reveal("- a\n"), "- a\n");
    EXPECT_EQ(parts_that_run_or_reveal("a: 1\na: 2\n"), "a: 1\na: 2\n");
}

} // namespace
} // namespace lab::plan
