// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/bisect_log.h"

#include "core/bisect_log.h"
#include "engine/catalog.h"
#include "engine/jobs/bisect_state.h"

namespace lab::engine {

std::string bisect_log_of(const Dependencies& deps, const ports::JobRow& row) {
    const auto lab = load_lab(row.config_path, row.config_text, deps.template_dirs);
    const auto parsed = value_or_throw(plan::job_spec_from_json(row.spec_json));
    BisectQuestion question;
    question.spec = std::get<plan::BisectSpec>(parsed);
    question.repo =
        deps.repos.open(lab.config.sources.at(lab.build_vm(question.spec.vm).source).path);
    if (!question.spec.check.benchmark.empty()) {
        question.benchmark =
            catalog_for(lab.config, deps.template_dirs).benchmark(question.spec.check.benchmark);
    }
    const auto spec = question.spec;
    const BisectState state(std::move(question), deps.observations.observations(row.id));
    core::LogContext context;
    context.subject = [&](const core::CommitId& commit) {
        return state.subject(commit);
    };
    context.ancestry =
        spec.first_parent ? core::Ancestry::first_parent : core::Ancestry::all_parents;
    context.paths = spec.paths;
    return core::git_bisect_log(state.bisection(), context);
}

} // namespace lab::engine
