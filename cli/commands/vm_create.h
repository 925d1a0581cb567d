// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/commands/commands.h"

namespace lab::cli {

/// `lab vm create`.
void add_vm_create(CLI::App& verb, Command& command);

} // namespace lab::cli
