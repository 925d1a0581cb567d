// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/notifier.h"

#include <memory>

namespace lab::adapters {

/// Sends by libcurl (HTTP, SMTP) and by programs of this host. Uses no proxy, no ~/.netrc and no
/// other setting of the environment.
[[nodiscard]] std::unique_ptr<ports::Notifier> make_notifier();

} // namespace lab::adapters
