// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "notify/outbox.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lab::ports {

/// A channel with the lab.yaml that names it.
struct ChannelAddress {
    std::string config_path;
    std::string channel;

    friend auto operator<=>(const ChannelAddress&, const ChannelAddress&) = default;
};

/// A message to one channel.
struct Letter {
    std::uint64_t number = 0; ///< place in the order in which letters were put in, from 1
    std::string id;           ///< of the message
    std::string key;          ///< what it tells of, for example "<job>/end/<time>"
    ChannelAddress to;
    std::string config_text; ///< lab.yaml as it was then
    std::string series;      ///< of the message
    std::string message;     ///< notify::event_json; empty once it is delivered or dropped
    WallTime created;
    notify::LetterState state = notify::LetterState::waiting;
    unsigned attempts = 0;
    std::string parcel; ///< id it was tried under; empty before the first attempt
    WallTime due;       ///< of the next attempt
    WallTime expires;   ///< when it is given up
    std::string reason; ///< why the last attempt failed; safe for a terminal
    std::string shown;  ///< what the service calls the last message of the series
};

/// Somebody who wants to be told of a job's end, whatever the rules say.
struct Watch {
    std::string job;
    ChannelAddress to;
    std::string config_text;
};

/// Which letters to read, in order; what is empty does not matter.
struct LetterQuery {
    std::string id = {};
    std::optional<ChannelAddress> to = {};
    std::vector<notify::LetterState> states = {};
    std::size_t limit = SIZE_MAX;
};

/// Letters on their way. Every write is durable when the call returns. Thread-safe; failures are
/// infra Errors.
class Outbox {
public:
    virtual ~Outbox() = default;

    /// Whether something was put in under this key, even without any letter; true for what was
    /// before the outbox began, so that a new one does not tell of old jobs.
    [[nodiscard]] virtual bool knows(const std::string& key, WallTime time) = 0;

    /// Puts letters in and remembers the key, all or nothing. A letter whose (key, channel) was put
    /// in before is left out. What waits of the same series and channel, and was never tried, is
    /// dropped: the new one says more.
    virtual void add(const std::string& key, const std::vector<Letter>& letters) = 0;

    [[nodiscard]] virtual std::vector<Letter> letters(const LetterQuery& query) = 0;

    /// Channels that letters wait for.
    [[nodiscard]] virtual std::vector<ChannelAddress> waiting() = 0;

    /// Stores state, attempts, parcel, due, expires and reason of letters, and for their series
    /// what is shown, all or nothing. What is delivered or dropped loses its content and never
    /// changes again.
    virtual void update(const std::vector<Letter>& letters) = 0;

    /// A second watch of the same job and channel changes nothing.
    virtual void add_watch(const Watch& watch) = 0;
    [[nodiscard]] virtual std::vector<Watch> watches(const std::string& job) = 0;
};

} // namespace lab::ports
