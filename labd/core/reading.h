// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bayes_search.h"
#include "core/judge.h"
#include "core/observation.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lab::core {

/// What judges the commits of a bisection.
struct Criterion {
    std::optional<Direction> metric = {};    ///< values; absent = passing and failing
    std::optional<std::string> symptom = {}; ///< signature of the boot failure looked for
};

/// The finding says nothing about its commit: it does not build or boot, or cannot be judged.
struct UnusableReading {
    std::string why;
    std::string cause = {}; ///< as Trial::cause
};

/// The finding answers another question.
struct NoReading {};

/// What one finding comes down to: outcomes of its commit, mostly one.
using Reading = std::variant<std::vector<Outcome>, UnusableReading, StopBisection, NoReading>;

/// Exit codes are read as `git bisect run` reads them: 0 passed, 125 unusable, 1 to 127 failed,
/// others stop the bisection. With a symptom, a boot failure with exactly that signature failed and
/// a machine that reaches its ready mark passed, whatever its check says. Pure.
[[nodiscard]] Reading read_finding(const Criterion& criterion, const Finding& finding);

/// For people: "failed", "passed", "6708.5", "unusable: does not build: ...".
[[nodiscard]] std::string to_string(const Reading& reading);

} // namespace lab::core
