// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/git/attendant.h"
#include "adapters/git/tree_weight.h"
#include "ports/checkout.h"

#include <memory>
#include <string>

namespace lab::adapters::git {

/// What checkouts of one repository share.
struct CheckoutSource {
    std::string repository; ///< path; only read
    Attendant attendant;
    std::shared_ptr<TreeScales> scales;
    Bytes left_free; ///< on the file system that is written to
};

/// Makes a checkout in the directory, or takes over the one that is there.
/// @throws Error bad_input  when the path of the source's objects cannot be written down.
[[nodiscard]] std::unique_ptr<ports::Checkout>
make_checkout(const CheckoutSource& source, const std::filesystem::path& directory);

} // namespace lab::adapters::git
