// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/notifier.h"
#include "ports/outbox.h"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

namespace lab::engine {

/// The text of the lab.yaml at a path as far as it may be used; nothing where there is none such.
using ConfigAt = std::function<std::optional<std::string>(const std::filesystem::path&)>;

/// Sends what waits in the outbox: one thread for each channel that something waits for, so that a
/// channel that hangs delays nothing but itself. In order within a channel; at least once: a letter
/// is marked before it is sent and again after, so what a killed process was sending is sent again
/// under the same id. Thread-safe.
class Messenger {
public:
    /// @param outbox, notifier  must outlive it.
    /// @param config_at  asked at each attempt; where it has nothing, the letter's own text counts.
    Messenger(ports::Outbox& outbox, ports::Notifier& notifier, ConfigAt config_at);
    Messenger(const Messenger&) = delete;
    Messenger& operator=(const Messenger&) = delete;

    /// Ends attempts that are under way; what they tried waits for the next process.
    ~Messenger();

    /// Looks at a channel's letters: there are new ones, or they are due earlier.
    void wake(const ports::ChannelAddress& address);

    /// Looks at all channels.
    void wake_all();

private:
    struct Worker {
        bool asked = true;     ///< to look again
        bool finished = false; ///< the thread only has to be joined
        std::jthread thread;
    };

    void work(const ports::ChannelAddress& address, Worker& worker, const std::stop_token& stop);
    /// Waits until somebody asks to look or the time is over.
    void pause(Worker& worker, Duration time, const std::stop_token& stop);
    /// Does what is due; returns how long nothing will be, or nothing when no letter is left.
    std::optional<Duration> turn(const ports::ChannelAddress& address, const std::stop_token& stop);
    void send(std::vector<ports::Letter> parcel, const std::stop_token& stop);
    [[nodiscard]] notify::Judgement attempt(const std::vector<ports::Letter>& parcel,
                                            const std::stop_token& stop);
    [[nodiscard]] double chance();

    ports::Outbox& outbox_;
    ports::Notifier& notifier_;
    const ConfigAt config_at_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::mt19937 random_{std::random_device{}()};
    std::map<ports::ChannelAddress, std::unique_ptr<Worker>> workers_;
};

/// The channel a letter goes to: as its lab.yaml names it now, so that what was mended counts;
/// where that is gone, broken or not to be used, as it did when the letter was put in.
/// @throws Error not_found  when neither names it.
[[nodiscard]] plan::Channel channel_of(const ports::Letter& letter, const ConfigAt& config_at);

} // namespace lab::engine
