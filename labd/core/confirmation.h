// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/judge.h"
#include "core/observation.h"

#include <optional>
#include <string>
#include <vector>

namespace lab::core {

/// Last part of a bisection: judges the commit found and its parent once more, from clean full
/// builds. A fold over observations; pure, not thread-safe.
class Confirmation {
public:
    /// @param parent  absent when it cannot be judged, for example because it was skipped.
    Confirmation(Judge judge, const CommitId& bad, const std::optional<CommitId>& parent);

    /// The bisection must stop when this returns a reason.
    [[nodiscard]] std::optional<StopBisection> record(const Observation& observation);

    /// Empty once it is done.
    [[nodiscard]] std::vector<Task> tasks() const;

    /// Whether nothing more is needed: both judged, or one verdict contradicted.
    [[nodiscard]] bool done() const;

    /// Which earlier verdict did not reproduce; nothing when the commit stands.
    [[nodiscard]] std::optional<std::string> contradiction() const;

    /// Why the parent was not confirmed; nothing when it was or could not be asked.
    [[nodiscard]] std::optional<std::string> parent_note() const;

    /// One or two, the bad commit first.
    [[nodiscard]] const std::vector<Trial>& trials() const noexcept { return trials_; }

private:
    Judge judge_;
    std::vector<Trial> trials_;
};

} // namespace lab::core
