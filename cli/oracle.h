// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "base/json.h"
#include "core/bayes_search.h"
#include "core/commit.h"
#include "core/verdict.h"
#include "ports/source_repo.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lab::cli {

/// One line of an observation file: what somebody saw of a commit.
struct Seen {
    core::CommitId commit;
    core::Outcome outcome;
    std::size_t line = 0; ///< of the file; 0 = said on the command line
};

/// Reads observations, one JSON object a line: `{"commit":"<40 hex>","outcome":"pass|fail|skip"}`
/// or
/// `{"commit":"<40 hex>","value":12.3}`. Empty lines are skipped; everything else is a diagnostic
/// with its line. Pure.
[[nodiscard]] Parsed<std::vector<Seen>> parse_observations(std::string_view text,
                                                           const std::string& name);

/// A bisection that somebody else carries out.
struct OracleQuestion {
    ports::CommitRange range;
    std::vector<core::CommitId> good; ///< at least one
    core::CommitId bad;
    std::vector<Seen> seen;
    std::optional<core::Direction> direction; ///< of values; absent = the ends' own
    double confidence = 0.99;
    std::size_t jobs = 1; ///< samples that can be taken at once
};

/// What to try next, what is left and what follows already, as git's search has it:
/// `{"next":[{"commit","samples"}],"remaining":n,"steps":n,"candidates":[{"commit","probability"}],
///   "conclusion":null|{"kind","suspects","probability","text"}}`
/// Only the first commit of `next` is certain to be asked about, as git goes one by one. Pure.
/// @throws Error bad_input  for values, and for outcomes that contradict each other.
[[nodiscard]] nlohmann::json ask_git(const OracleQuestion& question);

/// The same by the posterior of every commit; `next` holds `jobs` samples in all at most.
/// @throws Error bad_input  when a good commit is no ancestor of bad, or outcomes and values are
///                          mixed.
[[nodiscard]] nlohmann::json ask_bayes(const OracleQuestion& question);

} // namespace lab::cli
