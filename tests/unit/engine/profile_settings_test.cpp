// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/profile_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

namespace lab::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Answers commands as a table says; what it does not have succeeds without output.
class Machine {
public:
    std::map<std::string, ports::CommandResult> answers = {};
    std::vector<std::string> commands = {};

    std::optional<std::string> apply(const ProfileSettings& settings) {
        return apply_settings(settings, [this](const std::string& command) {
            commands.push_back(command);
            const auto found = answers.find(command);
            return found == answers.end() ? ports::CommandResult{} : found->second;
        });
    }
};

ports::CommandResult printed(const std::string& output, int exit_code = 0) {
    ports::CommandResult result;
    result.output = output;
    result.exit_code = exit_code;
    return result;
}

TEST(ProfileSettings, AreNothingByDefault) {
    Machine machine;
    EXPECT_EQ(machine.apply({}), std::nullopt);
    EXPECT_TRUE(machine.commands.empty());
}

TEST(ProfileSettings, SetAndReadBackSysctls) {
    Machine machine;
    machine.answers["cat '/proc/sys/net/ipv4/tcp_rmem'"] = printed("4096\t131072\t6291456\n");
    EXPECT_EQ(machine.apply({{}, {"net.ipv4.tcp_rmem = 4096 131072 6291456"}, {}}), std::nullopt);
    EXPECT_THAT(machine.commands,
                ElementsAre("echo '4096 131072 6291456' > '/proc/sys/net/ipv4/tcp_rmem'",
                            "cat '/proc/sys/net/ipv4/tcp_rmem'"));
}

TEST(ProfileSettings, ReportASysctlThatDidNotTake) {
    Machine machine;
    machine.answers["cat '/proc/sys/kernel/x'"] = printed("0\n");
    EXPECT_THAT(machine.apply({{}, {"kernel.x=1"}, {}}).value_or(""),
                HasSubstr("sysctl kernel.x: was set to '1' and is '0'"));
    machine.answers["echo '1' > '/proc/sys/kernel/x'"] = printed("no such file", 1);
    EXPECT_THAT(machine.apply({{}, {"kernel.x=1"}, {}}).value_or(""), HasSubstr("cannot be set"));
}

TEST(ProfileSettings, CheckTheCommandLineOfTheKernel) {
    Machine machine;
    machine.answers["cat /proc/cmdline"] = printed("root=/dev/vda nosmt quiet\n");
    EXPECT_EQ(machine.apply({{"nosmt"}, {}, {}}), std::nullopt);
    EXPECT_THAT(machine.apply({{"nosmt isolcpus=1"}, {}, {}}).value_or(""),
                HasSubstr("was not given 'isolcpus=1'"));
}

TEST(ProfileSettings, RunTheBootscriptUntilACommandFails) {
    Machine machine;
    machine.answers["false"] = printed("oh\n", 3);
    EXPECT_THAT(machine.apply({{}, {}, {"true", "false", "never"}}).value_or(""),
                HasSubstr("bootscript 'false': exit code 3 'oh'"));
    EXPECT_THAT(machine.commands, ElementsAre("true", "false"));
}

} // namespace
} // namespace lab::engine
