// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"
#include "core/judge.h"

#include <cstddef>
#include <string>
#include <vector>

namespace lab::core {

/// What keeps commits from being tested: those that were skipped for the same reason.
struct Blocker {
    std::string reason;         ///< of the oldest one; escaped, one line
    std::size_t commits = 0;    ///< that were skipped so
    CommitId begins;            ///< the oldest of them
    CommitId ends;              ///< and the newest
    std::size_t in_between = 0; ///< commits from the oldest to the newest of which nothing is known

    friend bool operator==(const Blocker&, const Blocker&) = default;
};

/// The skipped commits between the ends, grouped by failure_key() of their cause; the group with
/// most commits first, then the older one.
/// Pure.
[[nodiscard]] std::vector<Blocker> blockers_of(const CommitGraph& range,
                                               const std::vector<Trial>& trials);

/// "9 x error: no member 'frob' (0123456789ab..0123456789cd)"; one line for people.
[[nodiscard]] std::string to_string(const Blocker& blocker);

/// "cannot be tested: 42 of 42 do not build" and a line end, when every commit between the ends was
/// skipped; else empty. Pure.
[[nodiscard]] std::string nothing_testable_text(const CommitGraph& range,
                                                const std::vector<Trial>& trials);

} // namespace lab::core
