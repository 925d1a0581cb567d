// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notify/message.h"
#include "notify/retry.h"

#include <string>
#include <vector>

namespace lab::notify {

/// How long a letter is tried before it is given up.
inline constexpr Duration longest_life = std::chrono::hours(24);

/// Most letters that are sent together.
inline constexpr std::size_t largest_parcel = 50;

/// What became of a letter, which is a message to one channel.
enum class LetterState {
    waiting,   ///< to be sent, or to be sent again
    delivered, ///< only its key is kept, so that it is not sent twice
    dead,      ///< given up; kept until somebody asks for another try or drops it
    dropped,   ///< by somebody; like delivered
};

[[nodiscard]] const char* to_string(LetterState state) noexcept;

/// Inverse of to_string; unknown words become `dead`.
[[nodiscard]] LetterState letter_state_from(const std::string& word) noexcept;

/// An attempt to send that is over.
struct Attempt {
    unsigned number = 1; ///< from 1
    WallTime now;
    WallTime expires;  ///< of the letter
    double chance = 0; ///< in [0, 1)
};

/// What is done with a letter after an attempt.
struct Disposal {
    LetterState state = LetterState::delivered;
    WallTime due;            ///< next attempt of one that waits
    std::string reason = {}; ///< one line; empty when delivered
};

/// Delivered and refused are the end; else it waits as long as the service asks, or as backoff()
/// says, and is dead when it would expire meanwhile. Pure, thread-safe.
[[nodiscard]] Disposal after_attempt(const Judgement& judgement, const Attempt& attempt);

/// How many letters at the head of a channel's queue are the next parcel, at least 1.
///
/// What was tried together is tried together again, under the same id, because it may have
/// arrived. Of what was never tried, more than three waiting letters are a burst and become one
/// parcel; fewer are sent one by one.
/// @param parcels  of each letter in the queue, in order: the id it was tried under, or empty.
[[nodiscard]] std::size_t parcel_size(const std::vector<std::string>& parcels);

/// Several messages as one that names each; `facts.messages` has all there is of each. Urgent when
/// one of them is.
/// @param messages  at least 1; the first one's time and host are taken.
[[nodiscard]] Message digest_of(const std::vector<Message>& messages, const std::string& id);

/// How long to wait for a time; never negative. What lies further ahead than a service may ask for
/// (a day) comes from a clock that was set back, and is due.
[[nodiscard]] Duration time_until(WallTime due, WallTime now);

} // namespace lab::notify
