// SPDX-License-Identifier: Apache-2.0
// How a BayesBisection ends.
#include "core/bayes_bisection.h"
#include "core/blockers.h"

#include <algorithm>

namespace lab::core {

void BayesBisection::conclude(ConclusionKind kind, std::string text) {
    conclusion_ = Conclusion{kind, {}, {}, 0, std::move(text), notes_};
}

void BayesBisection::settle() {
    if (clean_ && clean_->contradiction()) {
        conclude(ConclusionKind::inconclusive, *clean_->contradiction());
        return;
    }
    if (const auto wrong_way = ends_lie_wrong_way()) {
        conclude(ConclusionKind::no_culprit, *wrong_way);
        return;
    }
    const auto found = search_.conclusion();
    if (!found) {
        return;
    }
    if (found->kind == ConclusionKind::found_with_skips) {
        conclude_among_skipped(*found);
        return;
    }
    if (const auto alike = ends_fail_alike(); alike && found->kind == ConclusionKind::no_culprit) {
        conclude(ConclusionKind::no_culprit, *alike);
        return;
    }
    if (found->kind != ConclusionKind::found) {
        conclusion_ =
            Conclusion{found->kind, {}, found->suspects, found->probability, found->text, notes_};
        return;
    }
    const auto& commit = found->suspects.front().commit;
    if (is_skipped(commit)) {
        conclude_among_skipped(*found);
        return;
    }
    if (!clean_ || clean_->bad() != commit) {
        note_what_clean_builds_changed();
        const auto parent = parent_to_confirm(search_.range(), commit, good_, trials_, notes_);
        clean_.emplace(commit, parent,
                       LearnedLevels{search_.expected(), search_.ratio_of_any_shape(commit)},
                       policy_.confidence);
    } else if (clean_->done()) {
        if (const auto note = clean_->parent_note()) {
            notes_.push_back(*note);
        }
        conclusion_ = Conclusion{ConclusionKind::found,
                                 commit,
                                 {},
                                 found->probability,
                                 first_bad_sentence(commit, policy_.terms.bad),
                                 notes_};
    }
}

/// The clean builds of the answer before have led to another one.
void BayesBisection::note_what_clean_builds_changed() {
    const bool tried =
        clean_ && std::any_of(trials_.begin(), trials_.end(), [&](const Trial& row) {
            return row.runs > 0 && is_confirmation(row.kind) && clean_->asks(row.commit, row.kind);
        });
    if (tried) {
        notes_.push_back("clean builds around " + clean_->bad().abbreviated() +
                         " did not behave as those before" + builds_disagree);
    }
}

/// What both ends have in common when neither passes: then it is hardly the regression.
std::optional<std::string> BayesBisection::ends_fail_alike() const {
    const auto& good = trials_[0];
    const auto& bad = trials_[1];
    if (good.runs == 0 || good.failures < good.runs || bad.failures < bad.runs ||
        end_failures_[0].empty() || end_failures_[0] != end_failures_[1]) {
        return std::nullopt;
    }
    return "both ends fail alike: " + end_failures_[1] + " (" + std::to_string(good.runs) +
           " and " + std::to_string(bad.runs) +
           " runs); does the command work there at all, and is it the failure that is looked for?";
}

/// Whether the commit could not be tested: what is known of it follows from others, as where all
/// ways from it lead to bad commits, and no clean build of it can show it.
bool BayesBisection::is_skipped(const CommitId& commit) const {
    return std::any_of(trials_.begin(), trials_.end(), [&](const Trial& trial) {
        return trial.commit == commit && trial.kind == TaskKind::probe &&
               trial.verdict == Verdict::skip;
    });
}

void BayesBisection::conclude_among_skipped(const BayesConclusion& found) {
    std::vector<CommitId> ids;
    for (const auto& suspect : found.suspects) {
        ids.push_back(suspect.commit);
    }
    conclude(ConclusionKind::found_with_skips, nothing_testable_text(search_.range(), trials_) +
                                                   only_skipped_text(ids, policy_.terms.bad));
    conclusion_->suspects = found.suspects;
    conclusion_->probability = found.probability;
}

/// The bad end is clearly the better one of a metric whose direction was given.
std::optional<std::string> BayesBisection::ends_lie_wrong_way() const {
    const auto& good = trials_[0].values;
    const auto& bad = trials_[1].values;
    const bool only_ends = trials_.size() == 2;
    if (!metric_ || !policy_.direction || !only_ends ||
        std::min(good.size(), bad.size()) < most_samples) {
        return std::nullopt;
    }
    const auto other = *metric_ == Direction::lower_is_better ? Direction::higher_is_better
                                                              : Direction::lower_is_better;
    if (!Baselines::create(good, bad, other)) {
        return std::nullopt;
    }
    const auto as_given = Baselines::create(good, bad, *metric_);
    return as_given ? std::nullopt : std::optional(as_given.error());
}

} // namespace lab::core
