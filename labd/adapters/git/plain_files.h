// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace lab::adapters::git {

/// Looks at the files that git reads whenever it opens a repository.
///
/// To open a FIFO waits for ever. Others that are read later, and those that configurations
/// include, are left to the Attendant.
/// @throws Error infra  when one of them is neither a regular file nor a link to one.
void require_plain_files(const std::filesystem::path& repository);

} // namespace lab::adapters::git
