// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "core/policy.h"
#include "core/verdict.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lab::core {

/// A bisection as somebody left it: revisions as they stand in its log.
struct ReplayedLog {
    std::string good;
    std::string bad;
    std::vector<std::pair<std::string, Verdict>> said; ///< in their order, the ends left out
    bool first_parent = false;
    Terms terms = {};
    std::vector<std::string> paths;
};

/// Reads what `git bisect log` of git 2.39 or `lab bisect log` printed: lines
/// `git bisect start|good|bad|skip|new|old|terms ...` with quoted words, terms of one's own
/// included; comments and empty lines are skipped. Everything else, a log without both ends, and
/// more than 100 000 verdicts are diagnostics with the line. Pure.
[[nodiscard]] Parsed<ReplayedLog> parse_bisect_log(std::string_view text, const std::string& name);

} // namespace lab::core
