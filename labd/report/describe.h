// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/report.h"

#include <string>
#include <vector>

/// Sentences that every form of a report has: foreign bytes, not escaped yet. Pure.
namespace lab::report {

/// What came out: "8f97b1e6fa28 is the first bad commit", "No single first bad commit:
/// inconclusive", "The bisection is running".
[[nodiscard]] std::string headline(const Report& report);

/// The verdict in the words of the bisection; empty for none.
[[nodiscard]] std::string verdict_word(const Report& report,
                                       const std::optional<core::Verdict>& verdict);

/// chance_text() of the conclusion; empty when it is not known.
[[nodiscard]] std::string certainty(const Report& report);

/// "6708.2 6708.7 ops/s, mean 6708.4 +- 0.4", "3 of 5 runs failed", or nothing.
[[nodiscard]] std::string samples_said(const Report& report, const ReportProbe& probe);

/// "5 commits, 12 builds and 20 tests in 11 min 22 s", as far as it is known.
[[nodiscard]] std::string effort(const Report& report);

/// The ten likeliest suspects; of those whose chance rounds to nothing only the first.
[[nodiscard]] std::vector<ReportSuspect> shown_suspects(const Report& report);

/// "2 files changed, 3 lines added, 1 deleted".
[[nodiscard]] std::string change_totals(const ports::ChangeSummary& changes);

} // namespace lab::report
