// SPDX-License-Identifier: Apache-2.0
#include "core/bisection.h"

#include "core/bayes_bisection.h"
#include "core/git_bisection.h"

namespace lab::core {

Diagnostics problems_of(const BisectionInput& input) {
    Diagnostics problems;
    const auto& nodes = input.range.nodes();
    if (nodes.empty() || nodes.front().id != input.bad) {
        problems.push_back({"range", "does not start with the bad commit " + input.bad.hex() +
                                         " (git rev-list <bad> --not <good>)"});
    }
    if (input.range.contains(input.good)) {
        problems.push_back({"range", "holds the good commit " + input.good.hex() +
                                         " (git rev-list <bad> --not <good>)"});
    }
    if (!(input.policy.confidence > 0.5 && input.policy.confidence < 1)) {
        problems.push_back({"confidence", "is out of range (more than 0.5, less than 1)"});
    }
    return problems;
}

std::optional<CommitId> parent_to_confirm(const CommitGraph& range, const CommitId& found,
                                          const CommitId& good, const std::vector<Trial>& trials,
                                          std::vector<std::string>& notes) {
    const auto& parents = range.nodes()[range.index_of(found)].parents;
    if (parents.empty()) {
        return good; // the parent is the good end, or like it an ancestor of no bad commit
    }
    const auto& parent = range.nodes()[parents.front()].id;
    for (const auto& trial : trials) {
        if (trial.commit == parent && trial.verdict == Verdict::skip) {
            notes.push_back("the parent " + parent.hex() + " was not confirmed: " + trial.reason);
            return std::nullopt;
        }
    }
    return parent;
}

namespace {

template <class Made>
Parsed<std::unique_ptr<Bisection>> create(BisectionInput input) {
    auto made = Made::create(std::move(input));
    if (!made) {
        return Unexpected{std::move(made).error()};
    }
    return std::unique_ptr<Bisection>(std::make_unique<Made>(*std::move(made)));
}

} // namespace

Parsed<std::unique_ptr<Bisection>> create_bisection(BisectionInput input) {
    return input.policy.strategy == Strategy::git ? create<GitBisection>(std::move(input))
                                                  : create<BayesBisection>(std::move(input));
}

} // namespace lab::core
