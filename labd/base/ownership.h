// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace lab {

/// Who besides the caller and root may change what lies at a path, in words: "belongs to uid 1001",
/// "/srv/x: others may write to it (mode 0777)". Nothing when nobody may.
///
/// Looked at are the file or directory itself and every directory above it, for a symbolic link
/// those of the link and of what it leads to. A directory with the sticky bit, like /tmp, keeps
/// what is in it from others. A group that is the caller's alone (of the same name, without other
/// members) may write. A path that cannot be looked at is said to be that.
[[nodiscard]] std::optional<std::string> who_else_may_change(const std::filesystem::path& path);

/// Makes the directory where it is missing (mode 0700).
/// @throws Error conflict  when it is not the caller's own, or others may write to it.
/// @throws Error infra     when it cannot be made.
void require_own_directory(const std::filesystem::path& directory);

} // namespace lab
