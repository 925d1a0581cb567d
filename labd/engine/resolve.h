// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/budget.h"
#include "engine/catalog.h"
#include "plan/job_spec.h"
#include "ports/result_store.h"
#include "ports/source_repo.h"
#include "ports/sut_store.h"

namespace lab::engine {

/// What a request is checked against.
struct ResolveContext {
    const Lab& lab;
    const Catalog& catalog;
    ports::SourceRepos& repos;
    ports::ResultStores& stores;
    ports::SutStore& suts;
    Budget::Amount budget;
};

/// The spec with every revision replaced by its commit, after checking all it names: machines,
/// sources, revisions, benchmark and metric, recipes, sizes, good an ancestor of bad.
/// @throws Error bad_input, not_found  nothing is changed by then.
[[nodiscard]] plan::JobSpec resolve(const plan::JobSpec& spec, const ResolveContext& context);

/// Whether a name that is not a test VM's is that of a machine by SSH.
/// @throws Error not_found  when it is neither.
[[nodiscard]] bool is_sut(const ResolveContext& context, const std::string& name);

/// One line for people, for example "build pebble-build/good pebble-build/bad".
[[nodiscard]] std::string title_of(const plan::JobSpec& spec);

} // namespace lab::engine
