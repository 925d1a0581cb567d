// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bisection.h"

#include <functional>
#include <string>
#include <vector>

namespace lab::core {

/// Which parents of a merge the range follows.
enum class Ancestry { all_parents, first_parent };

/// What the log needs beyond the bisection itself.
struct LogContext {
    CommitId good;
    CommitId bad;
    std::function<std::string(const CommitId&)> subject; ///< foreign text; capped and escaped here
    Ancestry ancestry = Ancestry::all_parents;
    std::vector<std::string> paths = {};
    Terms terms = {};
    std::vector<CommitId> found_parents = {}; ///< in the range, of the commit found
    std::vector<CommitId> dropped = {};       ///< because they cannot matter
};

/// The search so far as text that `git bisect replay` of git 2.39 takes; the same verdicts in the
/// same order as `git bisect log` would show. Confirmations are not part of it.
[[nodiscard]] std::string git_bisect_log(const Bisection& bisection, const LogContext& context);

} // namespace lab::core
