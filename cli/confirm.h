// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/session.h"

#include <string>

namespace lab::cli {

/// Asks at the terminal unless --yes was given.
/// @throws Error bad_input  when the answer is not yes, or there is no terminal to ask at.
void confirm(const Session& session, const std::string& question);

} // namespace lab::cli
