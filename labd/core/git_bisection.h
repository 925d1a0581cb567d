// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bisection.h"
#include "core/confirmation.h"
#include "core/end_check.h"
#include "core/git_search.h"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace lab::core {

/// A bisection that walks git's search: each verdict is believed, the commit found is confirmed.
///
/// Value type. Tasks that are lookahead are builds that may be asked for next.
class GitBisection : public Bisection {
public:
    /// @return diagnostics as create_bisection().
    [[nodiscard]] static Parsed<GitBisection> create(BisectionInput input);

    [[nodiscard]] std::vector<Task> next(const Capacity& capacity) const override;
    void record(const Observation& observation) override;
    [[nodiscard]] const std::optional<Conclusion>& conclusion() const noexcept override {
        return conclusion_;
    }
    [[nodiscard]] std::vector<Trial> trials() const override;
    [[nodiscard]] std::optional<Progress> progress() const override;

private:
    GitBisection(GitSearch search, BisectionInput input);

    void record_said(const CommitId& commit, const Said& said);
    void drop(const std::vector<CommitId>& commits);
    void record_artefact(const Observation& observation);
    void record_probe(const Observation& observation);
    void record_confirmation(const Observation& observation);
    void record_lookahead(const Observation& observation);
    void take_end_outcome();
    void advance();
    void end_search(const SearchEnd& end);
    void start_confirmation(const CommitId& commit);
    void conclude_confirmed();
    [[nodiscard]] std::vector<Task> lookahead_tasks() const;
    [[nodiscard]] double probability() const;

    Policy policy_;
    GitSearch search_;
    EndCheck ends_;
    std::optional<Judge> judge_; ///< from the ends; the search runs once it is there
    std::vector<Trial> said_;
    std::map<std::string, CommitId> artefacts_; ///< first commit of each
    std::vector<Trial> probes_;
    std::optional<Confirmation> confirmation_;
    std::set<CommitId> unbuildable_; ///< lookahead builds that failed
    std::set<CommitId> built_ahead_;
    std::vector<std::string> notes_;
    std::optional<Conclusion> conclusion_;
};

} // namespace lab::core
