// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notify/message.h"
#include "plan/notifications.h"

#include <optional>
#include <string>
#include <vector>

namespace lab::notify {

enum class Moment {
    began,
    verdict, ///< a commit of a bisection was judged
    sut_quarantined,
    disk_low,
    ended,
};

/// A job at a moment that is told of. Texts are foreign bytes.
struct JobNews {
    Moment moment = Moment::ended;
    std::string job;   ///< id
    std::string kind;  ///< plan::kind_of
    std::string title; ///< one line
    std::string state; ///< of one that ended: done, failed or cancelled
    std::string error; ///< why it failed, one line
    std::string hint;
    std::optional<int> exit_code;
    nlohmann::json result; ///< docs/api.md has the shape for each kind
    Duration duration = Duration::zero();
    WallTime time;    ///< of the moment
    std::string host; ///< that the job ran on
    /// For people: of a bisection that began, how long such ones take; of trouble, what it is.
    std::string detail = {};
    std::string report = {}; ///< of a bisection that ended: path of its report, if there is one
};

/// All that the moment is, the most telling event first: a bisection that found is `found` and
/// `finished`. Pure, thread-safe.
[[nodiscard]] std::vector<plan::NotifyEvent> events_of(const JobNews& news);

/// What is said of it; id is left empty. Of a bisection's end: the commit, its subject and author,
/// how sure that is, how large the effect is, and what shows the report. Pure, thread-safe.
[[nodiscard]] Message job_message(const JobNews& news);

/// How much worse it became: the medians of the first bad commit and its parent, built from nothing
/// (of all bad commits and all good ones where these have fewer than three values), for example
/// "98.5 -> 110.2 ms (+11.9 %)", or how often the bad ones and the good ones failed, for example
/// "fails 9 of 10 runs, 0 of 12 before". Empty when neither was counted. Pure, thread-safe.
/// @param result  of a bisection.
[[nodiscard]] std::string effect_of(const nlohmann::json& result);

} // namespace lab::notify
