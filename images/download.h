// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"

#include <filesystem>
#include <stop_token>
#include <string>

namespace lab::images {

/// A URL as messages may hold it: without user, password and what stands behind '?' or '#';
/// anything else as it is.
[[nodiscard]] std::string shown_location(const std::string& location);

/// Fetches an http or https URL into a new file of at most `limit` bytes. Follows at most five
/// redirects, only to http and https; an attempt without progress for a minute is given up.
/// @throws Error infra      the transfer failed or the file would be too large.
/// @throws Cancelled        when stop was requested.
void download(const std::string& url, const std::filesystem::path& file, Bytes limit,
              const std::stop_token& stop);

} // namespace lab::images
