// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/report.h"

#include <string>

/// The pictures of a report, each as one SVG element for a page with its style sheet. Empty when
/// there is nothing to show. Pure.
namespace lab::report {

/// For a screen or for a telephone: the same picture, its texts of the same size.
enum class PlotWidth { wide, narrow };

/// The samples of every commit tried, with 95 % intervals (Student's of the mean, Wilson's of a
/// rate), and the levels of the good and of the bad ones. Commits in the order of the history where
/// it is known.
[[nodiscard]] std::string samples_plot(const Report& report, PlotWidth width);

/// The chance of every commit of the range of being the first bad one, and where was tried.
[[nodiscard]] std::string chances_plot(const Report& report, PlotWidth width);

/// How many commits were left after each sample.
[[nodiscard]] std::string narrowing_plot(const Report& report, PlotWidth width);

/// What ran when: as many bars stand above each other as things went on at once.
[[nodiscard]] std::string timeline_plot(const Report& report, PlotWidth width);

/// Class of the style sheet for a verdict: "good", "bad", "skip" or "open".
[[nodiscard]] const char* style_of(const std::optional<core::Verdict>& verdict) noexcept;

/// Mean of all samples, or share of all failed runs, of the commits with this verdict. Nothing when
/// there are none.
[[nodiscard]] std::optional<double> level_of(const Report& report, core::Verdict verdict);

} // namespace lab::report
