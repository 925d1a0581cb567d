// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "base/kept_output.h"
#include "ports/guest_session.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lab::fakes {

/// Sessions whose guests answer from a script. Thread-safe.
/// Kept honest by the contract tests of the session adapters.
class FakeSessions : public ports::SessionFactory {
public:
    using Handler = std::function<ports::CommandResult(const ports::GuestCommand&)>;

    /// What a command gives; `output` in full, sessions cut it to the command's limit.
    void script(const std::string& command, ports::CommandResult result) {
        const std::lock_guard lock(state_->mutex);
        state_->answers[command] = std::move(result);
    }

    /// What every command without a script gives; without this: exit code 127.
    void otherwise(Handler handler) {
        const std::lock_guard lock(state_->mutex);
        state_->otherwise = std::move(handler);
    }

    /// The next open_ssh() or open_console() throws this.
    void fail_next_open(Error error) {
        const std::lock_guard lock(state_->mutex);
        state_->next_failure = std::move(error);
    }

    /// All commands that were run, in order.
    [[nodiscard]] std::vector<std::string> commands() const {
        const std::lock_guard lock(state_->mutex);
        return state_->commands;
    }

    std::unique_ptr<ports::GuestSession> open_ssh(const ports::SshEndpoint&, const Timeout&,
                                                  const std::stop_token& stop) override {
        return open(StandardInput::accepted, stop);
    }

    ports::HostKey ask_host_key(const ports::SshEndpoint&, const Timeout&,
                                const std::stop_token& stop) override {
        throw_if_stopped(stop);
        return {"ssh-ed25519 AAAA", "SHA256:fake", ports::KnownHost::no};
    }

    std::unique_ptr<ports::GuestSession> open_console(const std::filesystem::path&, const Timeout&,
                                                      const std::stop_token& stop) override {
        return open(StandardInput::refused, stop);
    }

private:
    enum class StandardInput { accepted, refused };

    struct State {
        std::mutex mutex;
        std::map<std::string, ports::CommandResult> answers;
        Handler otherwise;
        std::optional<Error> next_failure;
        std::vector<std::string> commands;
    };

    class Session : public ports::GuestSession {
    public:
        Session(std::shared_ptr<State> state, StandardInput input)
            : state_(std::move(state)), input_(input) {}

        ports::CommandResult run(const ports::GuestCommand& command, const ports::OutputSink& sink,
                                 const std::stop_token& stop) override {
            throw_if_stopped(stop);
            if (input_ == StandardInput::refused && !command.standard_input.empty()) {
                throw Error(ErrorCode::bad_input, "console session: no standard input");
            }
            auto result = answer(command);
            if (sink && !result.output.empty()) {
                sink(result.output);
            }
            throw_if_stopped(stop);
            KeptOutput kept(command.output_limit);
            kept.add(result.output);
            result.dropped_bytes += kept.left_out();
            result.output = kept.text();
            return result;
        }

    private:
        [[nodiscard]] ports::CommandResult answer(const ports::GuestCommand& command) {
            Handler handler;
            {
                const std::lock_guard lock(state_->mutex);
                state_->commands.push_back(command.command);
                const auto found = state_->answers.find(command.command);
                if (found != state_->answers.end()) {
                    return found->second;
                }
                handler = state_->otherwise;
            }
            ports::CommandResult unknown;
            unknown.exit_code = 127;
            return handler ? handler(command) : unknown;
        }

        std::shared_ptr<State> state_;
        StandardInput input_;
    };

    std::unique_ptr<ports::GuestSession> open(StandardInput input, const std::stop_token& stop) {
        throw_if_stopped(stop);
        const std::lock_guard lock(state_->mutex);
        if (const auto failure = std::exchange(state_->next_failure, std::nullopt)) {
            throw *failure;
        }
        return std::make_unique<Session>(state_, input);
    }

    std::shared_ptr<State> state_ = std::make_shared<State>();
};

} // namespace lab::fakes
