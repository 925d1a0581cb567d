// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"

#include <string>

namespace lab::adapters {

/// Keeps libvirt from writing to stderr. Call once, before the first connection and while no other
/// thread uses the environment.
void silence_libvirt();

/// The calling thread's last libvirt error as an Error: "<object>: cannot <verb>: <libvirt's
/// text>".
///
/// Codes: no such domain = not_found; name, uuid, root directory or disk in use = conflict; all
/// others = infra. Call at once after the failed function.
[[nodiscard]] Error libvirt_error(const std::string& verb, const std::string& object);

/// Whether the calling thread's last libvirt error says that there is no such domain.
[[nodiscard]] bool last_error_is_no_domain();

} // namespace lab::adapters
