// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "plan/notifications.h"

#include <optional>
#include <string>
#include <string_view>

namespace lab::notify {

/// What a service answered.
struct Answer {
    long status = 0;         ///< of HTTP
    std::string retry_after; ///< header, or empty
    std::string body;        ///< its beginning; foreign bytes
};

/// What became of an attempt to send.
enum class Fate {
    delivered,
    retry,   ///< may succeed later
    refused, ///< the same message will never be taken
};

struct Judgement {
    Fate fate = Fate::delivered;
    std::optional<Duration> after = {}; ///< how long the service asks to be left alone
    std::string reason = {};            ///< one line, at most 300 bytes, safe for a terminal
    /// What the service calls the message, where it can be changed by that: at most 200 bytes, of
    /// A-Z, a-z, 0-9 and "-._:$!@=+/".
    std::string shown = {};
};

/// What an answer means. Pure, thread-safe.
///
/// 2xx is delivered, unless Slack's API says "ok": false in it. 408, 425, 429 and 5xx may be tried
/// again, after the time in Retry-After, or in the body where the service says it there (Discord,
/// Telegram, Matrix). Everything else is refused, redirects too.
[[nodiscard]] Judgement judge(plan::ChannelType type, const Answer& answer, WallTime now);

/// Value of a Retry-After header: whole seconds, or a date of RFC 9110 (IMF-fixdate).
/// Never negative and never above a day; nothing for any other text.
[[nodiscard]] std::optional<Duration> parse_retry_after(std::string_view text, WallTime now);

/// How long to wait before the next attempt: 1 s doubled each time, at most 10 min, of which half
/// is left to chance so that many senders do not come back together.
/// @param attempts  made so far, from 1.
/// @param chance    in [0, 1).
[[nodiscard]] Duration backoff(unsigned attempts, double chance);

} // namespace lab::notify
