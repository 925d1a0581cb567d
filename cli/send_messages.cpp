// SPDX-License-Identifier: Apache-2.0
#include "cli/send_messages.h"

#include "base/error.h"

#include <algorithm>
#include <future>
#include <random>

namespace lab::cli {
namespace {

constexpr Duration longest_attempt = std::chrono::seconds(15);

notify::Judgement send(ports::Notifier& notifier, const plan::Channel& channel,
                       const notify::Message& message, const Deadline& deadline) {
    std::mt19937 random{std::random_device{}()};
    std::uniform_real_distribution<double> chance(0, 1);
    for (unsigned attempts = 1;; ++attempts) {
        const auto timeout = std::min(longest_attempt, std::max(deadline.left(), Duration(1)));
        const auto judgement = notifier.send(channel, message, {timeout, {}});
        const auto wait = judgement.after.value_or(notify::backoff(attempts, chance(random)));
        if (judgement.fate != notify::Fate::retry || wait >= deadline.left()) {
            return judgement;
        }
        sleep_for(wait, {});
    }
}

/// Top of a thread: what cannot be tried is told like what was refused.
Sent outcome(ports::Notifier& notifier, const plan::Channel& channel,
             const notify::Message& message, const Deadline& deadline) {
    try {
        const auto judgement = send(notifier, channel, message, deadline);
        return {channel.name, judgement.fate, judgement.reason};
    } catch (const Error& error) {
        return {channel.name, notify::Fate::refused, error.what()};
    }
}

} // namespace

std::vector<Sent> send_to_all(ports::Notifier& notifier, const std::vector<plan::Channel>& channels,
                              const notify::Message& message, Duration within) {
    const auto deadline = Deadline::in(within);
    std::vector<std::future<Sent>> futures;
    for (const auto& channel : channels) {
        futures.push_back(std::async(std::launch::async, [&notifier, &channel, &message, deadline] {
            return outcome(notifier, channel, message, deadline);
        }));
    }
    std::vector<Sent> all;
    for (auto& future : futures) {
        all.push_back(future.get());
    }
    return all;
}

} // namespace lab::cli
