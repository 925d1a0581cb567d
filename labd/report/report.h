// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/verdict.h"
#include "ports/commit_changes.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// The report of a bisection, for somebody who was not there. Plain values; all texts are foreign
/// bytes, which whoever writes them into a document escapes.
namespace lab::report {

/// All that was tried of one commit for one purpose.
struct ReportProbe {
    std::string commit; ///< 40 hex digits
    std::string subject;
    std::string purpose; ///< "good end", "probe", "clean build", ...
    std::optional<core::Verdict> verdict;
    std::vector<double> values; ///< samples; none for runs that pass or fail
    unsigned runs = 0;
    unsigned failures = 0;
    double build_seconds = 0;
    double test_seconds = 0;
    std::string note;
    std::string log;                  ///< the last lines of its builds and tests
    std::optional<std::size_t> place; ///< in the range, counted from the good end; 0 = that end
};

/// A commit that may be the first bad one.
struct ReportSuspect {
    std::string commit;
    std::string subject; ///< may be empty
    double probability = 0;
    std::optional<std::size_t> place; ///< as ReportProbe::place
};

enum class Activity { root, build, install, test };

[[nodiscard]] const char* to_string(Activity activity) noexcept;

/// What kept commits from being tested.
struct ReportBlocker {
    std::string text;   ///< how many, why, and from where to where
    std::string begins; ///< the oldest of them
};

/// Something that took time, in seconds since the job began.
struct ReportSpan {
    Activity activity = Activity::build;
    std::string commit; ///< abbreviated; empty for a root
    std::string what;   ///< as `lab job show` names it
    double begin = 0;
    double end = 0;
    bool finished = true;
};

struct ReportFact {
    std::string name;
    std::string value;
};

/// A command, and what it is for.
struct ReportCommand {
    std::string purpose;
    std::string text;
};

/// A bisection as it is reported. Members that are not known are empty.
struct Report {
    std::string job;
    std::string title; ///< of the job
    std::string state;
    std::string error;
    std::string conclusion; ///< docs/api.md, "Results"
    std::string sentence;   ///< what was concluded
    std::string term_good = "good";
    std::string term_bad = "bad";

    std::string commit; ///< the first bad one
    std::string subject;
    std::string author;
    std::string date;
    std::string message;
    double probability = 0; ///< chance that the conclusion is right; 0 = not known
    std::string effect;
    std::optional<ports::ChangeSummary> changes; ///< of the first bad commit

    std::string good; ///< the ends
    std::string bad;
    std::size_t range_size = 0; ///< commits behind good up to bad; 0 = not known
    std::string unit;           ///< of the samples
    std::vector<ReportProbe> probes;
    std::vector<ReportSuspect> suspects; ///< likeliest first
    std::vector<double> commits_left;    ///< after each sample, roughly
    std::vector<ReportSpan> spans;       ///< by begin
    std::vector<ReportCommand> commands; ///< to see it again
    std::vector<ReportBlocker> blockers; ///< by what they have in common
    std::vector<std::string> left_out;   ///< what was not tried or not looked at, and why
    std::vector<ReportFact> machine;     ///< what it ran on
    double seconds = 0;                  ///< the job took
};

/// One HTML file with everything in it: no scripts, nothing is loaded. Shows the plots of plots.h
/// in the colours of the reader's system. Pure.
[[nodiscard]] std::string html_report(const Report& report);

/// The same without pictures, as CommonMark with GitHub's tables, for a mail or an issue. Pure.
[[nodiscard]] std::string markdown_report(const Report& report);

} // namespace lab::report
