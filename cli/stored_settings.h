// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/session.h"
#include "plan/bisect_context.h"

#include <string>

namespace lab::cli {

/// Shows what a stored profile and its benchmark bring that runs on the SUT, as root, with every
/// commit, and asks whether it may, unless only the caller and root can write to the store.
/// Says nothing when there is no such thing.
/// @param store  its URL, as ports::ResultStore::name() has it.
/// @throws Error bad_input  when the answer is not yes, or nobody is there to answer.
void agree_to_stored_settings(const Session& session, const plan::BisectContext& context,
                              const std::string& store);

} // namespace lab::cli
