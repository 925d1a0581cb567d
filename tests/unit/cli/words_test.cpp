// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "cli/commands/targets.h"
#include "cli/config_edit.h"
#include "cli/enter.h"

#include <gtest/gtest.h>

namespace lab::cli {
namespace {

TEST(Range, IsSplitAtTwoDots) {
    EXPECT_EQ(parse_range("v1.0..feature/x"),
              std::pair(std::string("v1.0"), std::string("feature/x")));
}

TEST(Range, IsRefusedWithoutBothEnds) {
    for (const char* text : {"", "a", "..", "a..", "..b", "a...b", "a..b..c"}) {
        EXPECT_THROW((void)parse_range(text), Error) << text;
    }
}

/// For verbs that open none.
class NoRepos : public ports::SourceRepos {
public:
    std::shared_ptr<ports::SourceRepo> open(const std::filesystem::path& path) override {
        throw Error(ErrorCode::not_found, path.string());
    }
};

/// For verbs that open none.
class NoStores : public ports::ResultStores {
public:
    std::unique_ptr<ports::ResultStore> open(const std::string& url,
                                             ports::OpenMode /*mode*/) override {
        throw Error(ErrorCode::not_found, url);
    }
};

/// For verbs that tell nothing.
class NoNotifier : public ports::Notifier {
public:
    std::string preview(const plan::Channel& channel, const notify::Message&) override {
        throw Error(ErrorCode::not_found, channel.name);
    }

    notify::Judgement send(const plan::Channel& channel, const notify::Message&,
                           const ports::Patience&) override {
        throw Error(ErrorCode::not_found, channel.name);
    }
};

/// For verbs that read none.
class NoChanges : public ports::CommitChanges {
public:
    ports::ChangeSummary changes(const std::filesystem::path& repository,
                                 const core::CommitId& /*commit*/) override {
        throw Error(ErrorCode::not_found, repository.string());
    }
};

Session session_with(std::optional<std::vector<std::string>> words) {
    static NoRepos repos;
    static NoStores stores;
    static NoNotifier notifier;
    static NoChanges changes;
    return Session(Globals(), std::move(words), {repos, stores, notifier, changes});
}

plan::Check check_for(std::optional<std::vector<std::string>> words, std::string benchmark = "",
                      std::string metric = "", std::vector<std::string> params = {}) {
    return check_of(session_with(std::move(words)),
                    {std::move(benchmark), std::move(metric), std::move(params), {}, {}});
}

TEST(Check, TakesOneWordAsShellTextAndQuotesSeveral) {
    EXPECT_EQ(check_for({{"a && b"}}).command, "a && b");
    EXPECT_EQ(check_for({{"echo", "a b"}}).command, "echo 'a b'");
}

TEST(Check, IsABenchmarkOrACommand) {
    EXPECT_EQ(check_for(std::nullopt, "s/n", "m").metric, "m");
    EXPECT_THROW((void)check_for(std::nullopt), Error);
    EXPECT_THROW((void)check_for({{"x"}}, "s/n"), Error);
    EXPECT_THROW((void)check_for({{"x"}}, "", "m"), Error);
    EXPECT_THROW((void)check_for(std::vector<std::string>()), Error);
}

TEST(Check, TakesParametersOnce) {
    const auto check = check_for(std::nullopt, "s/n", "", {"threads=4", "text=a=b"});
    EXPECT_EQ(check.params.at("threads"), "4");
    EXPECT_EQ(check.params.at("text"), "a=b");
    for (const auto* wrong : {"threads", "=4"}) {
        EXPECT_THROW((void)check_for(std::nullopt, "s/n", "", {wrong}), Error) << wrong;
    }
    EXPECT_THROW((void)check_for(std::nullopt, "s/n", "", {"a=1", "a=2"}), Error);
    EXPECT_THROW((void)check_for({{"x"}}, "", "", {"a=1"}), Error);
}

TEST(Check, TakesTheWordsForClockAndQuiet) {
    const auto session = session_with(std::nullopt);
    BenchmarkOptions options{"s/n"};
    options.clock = "wall";
    options.quiet = "pause";
    EXPECT_EQ(check_of(session, options).clock, plan::GuestClock::wall);
    EXPECT_EQ(check_of(session, options).quiet, plan::Quiet::pause);
    options.quiet = "loud";
    EXPECT_THROW((void)check_of(session, options), Error);
}

TEST(Targets, ReportEveryBadWordAtOnce) {
    try {
        (void)parse_all<plan::BuildTarget>({"a/b", "nope", "../x"}, plan::parse_build_target);
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_input);
        EXPECT_NE(std::string(error.what()).find("nope"), std::string::npos);
        EXPECT_NE(std::string(error.what()).find(".."), std::string::npos);
    }
}

const MachineEntry entry{"test_vms", "new", {{"machine", "pebble"}}};

TEST(AddMachine, AppendsToTheBlockAndKeepsComments) {
    const std::string text =
        "test_vms:  # mine\n    old:\n        machine: x  # why\n\n# end\nbudget:\n  cpus: 2\n";

    EXPECT_EQ(add_machine(text, entry).value(),
              "test_vms:  # mine\n    old:\n        machine: x  # why\n"
              "    new:\n        machine: pebble\n\n# end\nbudget:\n  cpus: 2\n");
}

TEST(AddMachine, LeavesACommentWithTheMachineAboveIt) {
    const std::string text = "test_vms:\n  old:\n    machine: x\n    # cmdline: quiet\n\n"
                             "# What all may take.\nbudget:\n  cpus: 2\n";

    EXPECT_EQ(add_machine(text, entry).value(),
              "test_vms:\n  old:\n    machine: x\n    # cmdline: quiet\n"
              "  new:\n    machine: pebble\n\n# What all may take.\nbudget:\n  cpus: 2\n");
}

TEST(AddMachine, MakesAMissingSection) {
    EXPECT_EQ(add_machine("a: 1", entry).value(),
              "a: 1\n\ntest_vms:\n  new:\n    machine: pebble\n");
}

TEST(AddMachine, OpensAnEmptyFlowMap) {
    EXPECT_EQ(add_machine("test_vms: {}\nb: 2\n", entry).value(),
              "test_vms:\n  new:\n    machine: pebble\nb: 2\n");
}

TEST(AddMachine, LeavesAFilledFlowMapAlone) {
    EXPECT_FALSE(add_machine("test_vms: {a: {machine: x}}\n", entry));
}

TEST(Ssh, UsesOnlyTheLabsKeysAndAsksNothing) {
    const api::Access access{"ssh", "127.0.0.1", 40022, "root", "/k/id", "/k 100%/hosts", "", ""};

    const auto argv = ssh_argv(access, "vm", "-x");

    EXPECT_EQ(argv, (std::vector<std::string>{"ssh",
                                              "-F",
                                              "/dev/null",
                                              "-i",
                                              "/k/id",
                                              "-p",
                                              "40022",
                                              "-o",
                                              "IdentitiesOnly=yes",
                                              "-o",
                                              "UserKnownHostsFile=\"/k 100%%/hosts\"",
                                              "-o",
                                              "GlobalKnownHostsFile=/dev/null",
                                              "-o",
                                              "StrictHostKeyChecking=yes",
                                              "-o",
                                              "BatchMode=yes",
                                              "-o",
                                              "ForwardAgent=no",
                                              "-o",
                                              "LogLevel=ERROR",
                                              "--",
                                              "root@127.0.0.1",
                                              "-x"}));
}

TEST(Ssh, SendsConsoleMachinesToTheConsole) {
    try {
        (void)ssh_argv({"console", "", 0, "", "", "", "/s", ""}, "vm", "");
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.hint(), "enter it with: lab vm console vm");
    }
}

} // namespace
} // namespace lab::cli
