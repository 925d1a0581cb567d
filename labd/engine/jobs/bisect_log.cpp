// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/bisect_log.h"

#include "base/error.h"
#include "base/text.h"
#include "core/bisect_log.h"
#include "engine/catalog.h"
#include "engine/jobs/bisect_state.h"

namespace lab::engine {
namespace {

BisectQuestion question_of(const Dependencies& deps, const ports::JobRow& row) {
    const auto lab = load_lab(row.config_path, row.config_text, deps.template_dirs);
    const auto parsed = value_or_throw(plan::job_spec_from_json(row.spec_json));
    return make_question(std::get<plan::BisectSpec>(parsed), lab,
                         catalog_for(lab.config, deps.template_dirs), deps.repos);
}

} // namespace

std::string bisect_log_of(const Dependencies& deps, const ports::JobRow& row) {
    auto question = question_of(deps, row);
    const auto spec = question.spec;
    const BisectState state(std::move(question), deps.observations.observations(row.id));
    core::LogContext context;
    context.good = core::CommitId(spec.good);
    context.bad = core::CommitId(spec.bad);
    context.subject = [&](const core::CommitId& commit) {
        return state.subject(commit);
    };
    context.ancestry =
        spec.first_parent ? core::Ancestry::first_parent : core::Ancestry::all_parents;
    context.paths = spec.paths;
    context.terms = spec.terms;
    context.dropped = state.dropped();
    const auto& conclusion = state.bisection().conclusion();
    if (conclusion && conclusion->commit) {
        const auto& nodes = state.range().nodes();
        for (const auto parent : nodes[state.range().index_of(*conclusion->commit)].parents) {
            context.found_parents.push_back(nodes[parent].id);
        }
    }
    return core::git_bisect_log(state.bisection(), context);
}

std::vector<std::string> skipped_commits(const Dependencies& deps, const ports::JobRow& row,
                                         const std::vector<std::string>& revisions) {
    const auto question = question_of(deps, row);
    const auto range = range_of(question);
    std::vector<std::string> observations;
    for (const auto& revision : revisions) {
        for (const auto& commit : ports::commits_named(*question.repo, revision)) {
            if (range.contains(commit) && commit.hex() != question.spec.bad) {
                CostedObservation said;
                said.observation = {commit, core::TaskKind::probe, core::Said{core::Verdict::skip}};
                observations.push_back(to_json(said));
            }
        }
    }
    if (observations.empty()) {
        throw Error(ErrorCode::bad_input,
                    cap(escape_for_terminal(join(revisions, " ")), 120) +
                        ": names no commit between the ends of the bisection");
    }
    return observations;
}

} // namespace lab::engine
