// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bayes_search.h"
#include "core/bisection.h"
#include "core/clean_check.h"
#include "core/reading.h"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace lab::core {

/// A bisection that believes no single outcome: BayesSearch chooses what to try, and the commit
/// found is tried again from clean builds.
///
/// Several samples are wanted at once when there is room, so no build is wanted ahead of time. A
/// commit that fails to build, boot or be judged is skipped. When the bad end does not boot, that
/// failure is the symptom: the outcomes are then "shows it" and "boots". Value type.
class BayesBisection : public Bisection {
public:
    /// @return diagnostics as create_bisection().
    [[nodiscard]] static Parsed<BayesBisection> create(BisectionInput input);

    [[nodiscard]] std::vector<Task> next(const Capacity& capacity) const override;
    void record(const Observation& observation) override;
    [[nodiscard]] const std::optional<Conclusion>& conclusion() const noexcept override {
        return conclusion_;
    }
    [[nodiscard]] std::vector<Trial> trials() const override;
    [[nodiscard]] std::optional<Progress> progress() const override;
    [[nodiscard]] std::vector<Lesson> lessons() const override { return lessons_; }
    [[nodiscard]] std::vector<Suspect> posterior(std::size_t most) const override {
        return search_.posterior(most);
    }

private:
    using TrialKey = std::pair<CommitId, TaskKind>;

    BayesBisection(BayesSearch search, BisectionInput input);

    void record_said(const CommitId& commit, const Said& said);
    void tell_search(const Trial& said);
    void drop(const std::vector<CommitId>& commits);
    void record_artefact(const Observation& observation);
    void record_clean_build(const Observation& observation);
    [[nodiscard]] std::vector<double> seen_of(const CommitId& commit) const;
    [[nodiscard]] bool compares_artefacts(const CommitId& commit, TaskKind kind) const;
    void tie_artefacts();
    void decide_what_judges(const Observation& observation);
    void count_as_booted();
    void restart(const CommitGraph& range);
    void follow_direction_of_ends();
    void record_sample(Trial& trial, const Outcome& outcome);
    void record_unusable(Trial& trial, const UnusableReading& unusable);
    [[nodiscard]] Lesson lesson_for(const CommitId& commit, TaskKind kind) const;
    void learn(const Lesson& before, const Reading& reading);
    void settle();
    void conclude(ConclusionKind kind, std::string text);
    void conclude_among_skipped(const BayesConclusion& found);
    [[nodiscard]] bool is_skipped(const CommitId& commit) const;
    void note_what_clean_builds_changed();
    [[nodiscard]] std::optional<std::string> ends_fail_alike() const;
    [[nodiscard]] std::optional<std::string> ends_lie_wrong_way() const;
    [[nodiscard]] bool confirming() const;
    void add_confirmations(std::vector<Task>& tasks, const Capacity& capacity) const;
    void add_clean_builds(std::vector<Task>& tasks, const Capacity& capacity) const;
    void add_probes(std::vector<Task>& tasks, const Capacity& capacity) const;
    void add_task(std::vector<Task>& tasks, const Capacity& capacity, const CommitId& commit,
                  TaskKind kind) const;
    [[nodiscard]] bool still_tells(const Task& task) const;
    [[nodiscard]] TaskKind kind_of(const CommitId& commit) const;
    [[nodiscard]] Trial& trial_of(const CommitId& commit, TaskKind kind);
    [[nodiscard]] Trial judged(const Trial& trial) const;
    [[nodiscard]] double badness(double value) const;
    [[nodiscard]] bool is_known(const CommitId& commit) const;

    Policy policy_;
    CommitId good_;
    CommitId bad_;
    BayesSearch search_;
    std::optional<Direction> metric_; ///< direction the search goes by; absent = pass or fail
    std::optional<std::string> symptom_;
    std::vector<Trial> trials_;
    std::map<TrialKey, unsigned> unusable_; ///< samples that gave nothing, of usable commits
    std::map<TrialKey, std::set<unsigned>> numbers_;
    std::map<std::string, std::set<CommitId>> artefacts_;
    std::map<CommitId, std::string> tried_;       ///< artefact of a commit in the search
    std::map<TrialKey, std::string> clean_built_; ///< and of its clean build
    std::vector<Lesson> lessons_;
    std::array<std::string, 2> end_failures_; ///< how good and bad end failed last, if they did
    std::optional<CleanCheck> clean_;
    std::vector<std::string> notes_;
    std::optional<Conclusion> conclusion_;
};

} // namespace lab::core
