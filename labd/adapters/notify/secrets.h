// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notify/delivery.h"

namespace lab::adapters {

/// The values of a channel's secrets, read now. Messages of errors name where a value is kept,
/// never the value.
/// @throws Error bad_input  for a file that belongs to somebody else or that group or others may
///                          use, and for a value that is empty, above 4 KiB or has control
///                          characters; for a URL that is none.
/// @throws Error not_found  for a file or credential that does not exist, or a variable that is
///                          not set.
[[nodiscard]] notify::Secrets read_secrets(const plan::Channel& channel);

} // namespace lab::adapters
