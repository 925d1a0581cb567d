// SPDX-License-Identifier: Apache-2.0
#include "core/git_search.h"

#include "core/ancestor_sums.h"

#include <algorithm>
#include <cmath>
#include <deque>

namespace lab::core {
namespace {

constexpr std::int64_t random_range = 32768;

/// git's fixed generator: the same number of commits gives the same number in [0, 32768).
std::int64_t pseudo_random(std::size_t seed) {
    const auto mixed = static_cast<std::uint32_t>(seed) * 1103515245U + 12345U;
    return std::int64_t{mixed / 65536U} % random_range;
}

std::int64_t floor_of_square_root(std::int64_t value) {
    return static_cast<std::int64_t>(std::sqrt(static_cast<double>(value)));
}

Diagnostics range_problem(const std::string& message) {
    return {Diagnostic{"range", message, "give a bad commit that is not an ancestor of good"}};
}

} // namespace

GitSearch::GitSearch(std::shared_ptr<const CommitGraph> range)
    : range_(std::move(range)), candidate_(range_->size(), 1), skipped_(range_->size(), 0) {}

Parsed<GitSearch> GitSearch::create(CommitGraph range) {
    if (range.size() == 0) {
        return Unexpected{range_problem("holds no commit (at least the bad one)")};
    }
    GitSearch search(std::make_shared<const CommitGraph>(std::move(range)));
    if (const auto problem = unreachable_problem(search.range())) {
        return Unexpected{range_problem(*problem)};
    }
    return search;
}

void GitSearch::record(const CommitId& commit, Verdict verdict) {
    const auto index = range_->index_of(commit);
    if (verdict == Verdict::skip) {
        skipped_[index] = 1;
        any_skipped_ = true;
        return;
    }
    if (candidate_[index] == 0 || (verdict == Verdict::good && index == bad_)) {
        throw Error(ErrorCode::bad_input, "commit " + commit.hex() + ": cannot be " +
                                              to_string(verdict) +
                                              " (the verdicts so far say otherwise)");
    }
    const auto reached = ancestors_of(*range_, index);
    const char kept = verdict == Verdict::bad ? 1 : 0;
    for (std::size_t i = 0; i < candidate_.size(); ++i) {
        candidate_[i] = candidate_[i] != 0 && reached[i] == kept ? 1 : 0;
    }
    if (verdict == Verdict::bad) {
        bad_ = index;
    }
}

SearchStep GitSearch::next() const {
    const auto field = weigh(*range_, candidate_, bad_);
    if (field.total == 0) {
        return SearchEnd{SearchEnd::Kind::nothing_to_test, {}};
    }
    if (any_skipped_) {
        return next_after_skips(field);
    }
    const auto middle = midpoint(*range_, field).value();
    if (middle == bad_) {
        return SearchEnd{SearchEnd::Kind::found, {range_->nodes()[bad_].id}};
    }
    return proposal(middle, middle, field);
}

SearchStep GitSearch::next_after_skips(const CandidateField& field) const {
    std::vector<CommitIndex> testable;
    std::vector<CommitId> suspects;
    const auto ranked = ranking(*range_, field);
    for (const auto& entry : ranked) {
        if (skipped_[entry.commit] == 0) {
            testable.push_back(entry.commit);
        } else {
            suspects.push_back(range_->nodes()[entry.commit].id);
        }
    }
    if (testable.empty()) {
        return SearchEnd{SearchEnd::Kind::only_skipped, std::move(suspects)};
    }
    const auto top = ranked.front().commit;
    const auto pick = skipped_[top] == 0 ? top : skip_away(testable);
    if (pick != bad_) {
        return proposal(pick, top, field);
    }
    suspects.push_back(range_->nodes()[bad_].id);
    const auto kind = suspects.size() == 1 ? SearchEnd::Kind::found : SearchEnd::Kind::only_skipped;
    return SearchEnd{kind, std::move(suspects)};
}

Proposal GitSearch::proposal(CommitIndex commit, CommitIndex weighed,
                             const CandidateField& field) const {
    // git counts from the best-placed commit even when a skip made it take another one. It says -1
    // when one commit counts and is not known to be bad; that is 0 here.
    const std::size_t weight = field.weights[weighed];
    return Proposal{range_->nodes()[commit].id, field.total > weight ? field.total - weight - 1 : 0,
                    estimated_steps(field.total)};
}

CommitIndex GitSearch::skip_away(const std::vector<CommitIndex>& testable) const {
    const auto count = static_cast<std::int64_t>(testable.size());
    const auto random = pseudo_random(testable.size());
    const auto place =
        static_cast<std::size_t>((count * random / random_range) * floor_of_square_root(random) /
                                 floor_of_square_root(random_range));
    if (testable[place] != bad_ || place == 0) {
        return testable[place];
    }
    return testable[place - 1];
}

std::vector<CommitId> GitSearch::candidates() const {
    std::vector<CommitId> ids;
    for (std::size_t index = 0; index < candidate_.size(); ++index) {
        if (candidate_[index] != 0) {
            ids.push_back(range_->nodes()[index].id);
        }
    }
    return ids;
}

std::vector<RankedCommit> GitSearch::ranked() const {
    return ranking(*range_, weigh(*range_, candidate_, bad_));
}

std::vector<CommitId> commits_ahead(const GitSearch& search, std::size_t count,
                                    const std::set<CommitId>& skips) {
    std::vector<CommitId> ahead;
    std::deque<GitSearch> futures{search};
    bool now = true;
    while (!futures.empty() && ahead.size() < count) {
        auto future = std::move(futures.front());
        futures.pop_front();
        const auto step = future.next();
        const auto* proposed = std::get_if<Proposal>(&step);
        if (proposed == nullptr) {
            continue;
        }
        if (skips.contains(proposed->commit)) {
            future.record(proposed->commit, Verdict::skip);
            futures.push_front(std::move(future));
            continue;
        }
        if (!now && std::find(ahead.begin(), ahead.end(), proposed->commit) == ahead.end()) {
            ahead.push_back(proposed->commit);
        }
        now = false;
        for (const auto verdict : {Verdict::good, Verdict::bad}) {
            futures.push_back(future);
            futures.back().record(proposed->commit, verdict);
        }
    }
    return ahead;
}

} // namespace lab::core
