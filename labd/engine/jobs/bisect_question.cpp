// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/bisect_question.h"

#include "base/error.h"

#include <algorithm>

namespace lab::engine {
namespace {

plan::ResultClass metric_of(const plan::BisectSpec& spec, const plan::Benchmark& benchmark) {
    const auto found = std::find_if(benchmark.resultclasses.begin(), benchmark.resultclasses.end(),
                                    [&](const auto& one) { return one.name == spec.check.metric; });
    if (found == benchmark.resultclasses.end()) {
        throw Error(ErrorCode::not_found,
                    spec.check.metric + ": no such resultclass of " + benchmark.id());
    }
    return *found;
}

core::Policy policy_of(const BisectQuestion& question) {
    const auto& spec = question.spec;
    core::Policy policy;
    policy.confidence = spec.confidence;
    policy.strategy = spec.strategy;
    policy.wanted = spec.wanted;
    policy.terms = spec.terms;
    if (spec.local) {
        policy.judged_by = spec.local->metric_regex.empty() ? core::JudgedBy::first_finding
                                                            : core::JudgedBy::metric;
        policy.direction = spec.local->direction;
    } else if (question.metric) {
        policy.judged_by = core::JudgedBy::metric;
        policy.direction = question.metric->better;
    }
    return policy;
}

} // namespace

std::shared_ptr<ports::SourceRepo> bisected_repo(const plan::BisectSpec& spec, const Lab& lab,
                                                 ports::SourceRepos& repos) {
    return repos.open(spec.local ? std::filesystem::path(spec.local->repository)
                                 : lab.config.sources.at(lab.build_vm(spec.vm).source).path);
}

BisectQuestion make_question(const plan::BisectSpec& spec, const Lab& lab, const Catalog& catalog,
                             ports::SourceRepos& repos) {
    BisectQuestion question{spec, bisected_repo(spec, lab, repos), std::nullopt};
    if (!spec.check.benchmark.empty()) {
        question.metric = metric_of(spec, catalog.benchmark(spec.check));
    }
    return question;
}

core::CommitGraph range_of(const BisectQuestion& question) {
    const auto& spec = question.spec;
    return question.repo
        ->range({core::CommitId(spec.good)}, core::CommitId(spec.bad),
                {spec.first_parent, spec.paths, question.stop})
        .graph;
}

std::unique_ptr<core::Bisection> begin_bisection(const BisectQuestion& question,
                                                 const core::CommitGraph& range) {
    const auto& spec = question.spec;
    auto bisection = value_or_throw(core::create_bisection(
        {range, core::CommitId(spec.good), core::CommitId(spec.bad), policy_of(question)}));
    for (const auto& said : spec.said) {
        bisection->record(
            {core::CommitId(said.commit), core::TaskKind::probe, core::Said{said.verdict}});
    }
    return bisection;
}

} // namespace lab::engine
