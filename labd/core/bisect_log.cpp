// SPDX-License-Identifier: Apache-2.0
#include "core/bisect_log.h"

#include "base/text.h"

#include <algorithm>
#include <set>

namespace lab::core {
namespace {

constexpr std::size_t subject_limit = 200;

/// "# <what>: [<sha>] <subject>": one line whatever the subject holds, or a commit could put its
/// own commands into a log that is replayed.
std::string comment(const std::string& what, const CommitId& commit, const LogContext& context) {
    std::string subject = cap(context.subject(commit), subject_limit);
    std::replace_if(
        subject.begin(), subject.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return "# " + what + ": [" + commit.hex() + "] " + escape_for_terminal(subject) + "\n";
}

std::string start_line(const LogContext& context) {
    std::string line = "git bisect start";
    if (context.ancestry == Ancestry::first_parent) {
        line += " '--first-parent'";
    }
    if (context.terms != Terms{}) {
        line += " '--term-old=" + context.terms.good + "' '--term-new=" + context.terms.bad + "'";
    }
    line += " '" + context.bad.hex() + "' '" + context.good.hex() + "'";
    if (!context.paths.empty()) {
        line += " '--'";
        for (const auto& path : context.paths) {
            line += " " + shell_quote(path);
        }
    }
    return line + "\n";
}

} // namespace

std::string git_bisect_log(const Bisection& bisection, const LogContext& context) {
    std::string log = comment(context.terms.bad, context.bad, context) +
                      comment(context.terms.good, context.good, context) + start_line(context);
    for (const auto& commit : context.dropped) {
        log += comment("dropped, no file it changes is read by a build", commit, context);
    }
    const auto add = [&](const CommitId& commit, const std::string& word) {
        log += comment(word, commit, context);
        log += "git bisect " + word + " " + commit.hex() + "\n";
    };
    std::set<CommitId> told{context.good, context.bad};
    for (const auto& trial : bisection.trials()) {
        if (trial.kind == TaskKind::probe && trial.verdict) {
            const auto word = *trial.verdict == Verdict::good  ? context.terms.good
                              : *trial.verdict == Verdict::bad ? context.terms.bad
                                                               : std::string("skip");
            add(trial.commit, word);
            told.insert(trial.commit);
        }
    }
    if (!bisection.conclusion()) {
        return log;
    }
    const auto& conclusion = *bisection.conclusion();
    if (conclusion.commit) {
        // git does not know what was dropped or builds the same; this leads it to the same end.
        if (!told.contains(*conclusion.commit)) {
            add(*conclusion.commit, context.terms.bad);
        }
        for (const auto& parent : context.found_parents) {
            if (!told.contains(parent)) {
                add(parent, context.terms.good);
            }
        }
        log += comment("first " + context.terms.bad + " commit", *conclusion.commit, context);
    }
    const bool skips = conclusion.kind == ConclusionKind::found_with_skips;
    if (skips) {
        log += "# only skipped commits left to test\n";
    }
    for (const auto& suspect : skips ? conclusion.suspects : std::vector<Suspect>()) {
        log += comment("possible first " + context.terms.bad + " commit", suspect.commit, context);
    }
    return log;
}

} // namespace lab::core
