// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "ports/guest_session.h"
#include "tests/fakes/fake_sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <stop_token>
#include <string>

namespace lab::test {

inline ports::CommandResult exited(int code, const std::string& output) {
    ports::CommandResult result;
    result.exit_code = code;
    result.output = output;
    return result;
}

/// The fake as a subject of the contract. A subject has open() and script(); the latter tells a
/// fake what a real guest's shell would do with a command.
class FakeSessionSubject {
public:
    std::unique_ptr<ports::GuestSession> open() {
        return sessions_.open_ssh({}, std::chrono::seconds(1), {});
    }

    void script(const std::string& command, ports::CommandResult result) {
        sessions_.script(command, std::move(result));
    }

private:
    fakes::FakeSessions sessions_;
};

/// What every GuestSession does: one suite, run on each kind of session and on the fake.
template <class Subject>
class SessionContract : public testing::Test {
protected:
    static ports::GuestCommand command(const std::string& text) {
        ports::GuestCommand made;
        made.command = text;
        made.timeout = std::chrono::seconds(20);
        return made;
    }

    ports::CommandResult run(const ports::GuestCommand& command) {
        return session_->run(
            command, [this](std::string_view bytes) { seen_ += bytes; }, stop_.get_token());
    }

    Subject subject_;
    std::unique_ptr<ports::GuestSession> session_ = subject_.open();
    std::stop_source stop_;
    std::string seen_;
};

TYPED_TEST_SUITE_P(SessionContract);

TYPED_TEST_P(SessionContract, OutputAndExitCodeComeBack) {
    const std::string text = "echo out; echo err >&2; echo \"it's \\$?\"; exit 3";
    this->subject_.script(text, exited(3, "out\nerr\nit's $?\n"));

    const auto result = this->run(this->command(text));

    EXPECT_EQ(result.end, ports::CommandEnd::exited);
    EXPECT_EQ(result.exit_code, 3);
    // A channel of its own for stderr has no order with stdout.
    EXPECT_THAT(result.output, testing::AnyOf("out\nerr\nit's $?\n", "out\nit's $?\nerr\n"));
    EXPECT_EQ(this->seen_, result.output);
}

TYPED_TEST_P(SessionContract, LastLineNeedsNoEnd) {
    this->subject_.script("printf abc", exited(0, "abc"));

    const auto result = this->run(this->command("printf abc"));

    EXPECT_EQ(result.output, "abc");
    EXPECT_EQ(this->seen_, "abc");
}

TYPED_TEST_P(SessionContract, CommandsAreIndependent) {
    this->subject_.script("cd /usr; x=1; exit 4", exited(4, ""));
    this->subject_.script("pwd; echo \"[$x]\"", exited(0, "/\n[]\n"));
    this->subject_.script("if then", exited(2, "sh: syntax error\n"));

    const auto first = this->run(this->command("cd /usr; x=1; exit 4"));
    const auto broken = this->run(this->command("if then"));
    const auto last = this->run(this->command("pwd; echo \"[$x]\""));

    EXPECT_EQ(first.exit_code, 4);
    EXPECT_EQ(broken.exit_code, 2);
    EXPECT_THAT(last.output, testing::EndsWith("\n[]\n"));
    EXPECT_THAT(last.output, testing::Not(testing::HasSubstr("/usr")));
}

TYPED_TEST_P(SessionContract, SignalIsItsNumberAnd128) {
    this->subject_.script("kill -9 $$", exited(137, ""));

    EXPECT_EQ(this->run(this->command("kill -9 $$")).exit_code, 137);
}

TYPED_TEST_P(SessionContract, ResultIsCappedAndTheSinkSeesAll) {
    const std::string text = "head -c 300000 /dev/zero | tr '\\0' x";
    this->subject_.script(text, exited(0, std::string(300000, 'x')));
    auto command = this->command(text);
    command.output_limit = Bytes{1000};

    const auto result = this->run(command);

    EXPECT_EQ(result.output,
              std::string(500, 'x') + "\n[... 292.0 KiB left out ...]\n" + std::string(500, 'x'));
    EXPECT_EQ(result.dropped_bytes, 299000U);
    EXPECT_EQ(this->seen_.size(), 300000U);
}

TYPED_TEST_P(SessionContract, HelperThatHoldsTheOutputIsNotWaitedFor) {
    const std::string text = "setsid sleep 40 & echo started; exit 3";
    this->subject_.script(text, exited(3, "started\n"));

    const auto result = this->run(this->command(text));

    EXPECT_EQ(result.end, ports::CommandEnd::exited);
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_EQ(result.output, "started\n");
}

TYPED_TEST_P(SessionContract, EndlessCommandTimesOut) {
    ports::CommandResult late;
    late.end = ports::CommandEnd::timed_out;
    late.output = "go\n";
    this->subject_.script("echo go; sleep 30", late);
    auto command = this->command("echo go; sleep 30");
    command.timeout = std::chrono::seconds(1);

    const auto result = this->run(command);

    EXPECT_EQ(result.end, ports::CommandEnd::timed_out);
    EXPECT_EQ(result.output, "go\n");
}

TYPED_TEST_P(SessionContract, StopRequestCancels) {
    this->subject_.script("echo go; sleep 30", exited(0, "go\n"));
    const auto command = this->command("echo go; sleep 30");
    const auto stop_at_output = [this](std::string_view) {
        this->stop_.request_stop();
    };

    EXPECT_THROW(
        static_cast<void>(this->session_->run(command, stop_at_output, this->stop_.get_token())),
        Cancelled);
}

REGISTER_TYPED_TEST_SUITE_P(SessionContract, OutputAndExitCodeComeBack, LastLineNeedsNoEnd,
                            CommandsAreIndependent, SignalIsItsNumberAnd128,
                            ResultIsCappedAndTheSinkSeesAll, HelperThatHoldsTheOutputIsNotWaitedFor,
                            EndlessCommandTimesOut, StopRequestCancels);

} // namespace lab::test
