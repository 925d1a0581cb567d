// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/checkout.h"

#include <git2.h>
#include <memory>

namespace lab::adapters::git {

/// Makes a checkout in the directory, or takes over the one that is there. `source` is only read.
/// @throws Error bad_input  when the path of the source's objects cannot be written down.
[[nodiscard]] std::unique_ptr<ports::Checkout>
make_checkout(git_repository* source, const std::filesystem::path& directory);

} // namespace lab::adapters::git
