// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/session.h"

#include <string>
#include <vector>

namespace lab::cli {

/// The whole program `lab`: parses the words behind the program's name, does what they say, prints.
/// @param outside  for the verbs that need no daemon.
/// @return the exit code: 0 done, 1 the work failed, 2 usage or bad input, 3 not found, 4 conflict,
///         5 infrastructure, 6 timeout, 7 inconclusive, 130 interrupted; or that of a remote
///         command.
[[nodiscard]] int run(const std::vector<std::string>& words, const Outside& outside);

} // namespace lab::cli
