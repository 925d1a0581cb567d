// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/session.h"

#include <string>

namespace lab::cli {

/// Full id of the job that a command is about, found out once: which job is the newest may change
/// while the command runs.
/// @param named  as the user wrote it: an id, its beginning or "@last"; empty = none, then the
///               newest job that is not over, else the newest one.
/// @throws Error not_found, bad_input (ambiguous)
[[nodiscard]] std::string job_to_follow(Session& session, const std::string& named);

/// The same for the jobs of one kind; without a name the newest of them.
/// @param none  the error when there is none.
[[nodiscard]] std::string job_of_kind(Session& session, const std::string& named,
                                      const std::string& kind, const Error& none);

} // namespace lab::cli
