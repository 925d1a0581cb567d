// SPDX-License-Identifier: Apache-2.0
#include "engine/workshop.h"

#include "base/process.h"

#include <gtest/gtest.h>

namespace lab::engine {
namespace {

/// What a script that is run here writes.
std::string output_of(const GuestScript& script) {
    return run_process_checked({.argv = {"sh", "-s"}, .input = command_of(script).standard_input})
        .out;
}

TEST(ScriptCommand, ScriptKnowsTheKernelOfItsMachine) {
    const auto here = run_process_checked({.argv = {"uname", "-r"}}).out;

    EXPECT_EQ(output_of({{"script", "echo \"$LAB_KERNEL_RELEASE\""}, {}}), here);
}

TEST(ScriptCommand, AKernelThatIsGivenIsNotAskedFor) {
    const GuestScript script{{"script", "echo \"$LAB_KERNEL_RELEASE\""},
                             {{"LAB_KERNEL_RELEASE", "6.1.0-9-cloud-amd64"}}};

    EXPECT_EQ(output_of(script), "6.1.0-9-cloud-amd64\n");
}

} // namespace
} // namespace lab::engine
