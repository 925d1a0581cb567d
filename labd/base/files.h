// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace lab {

/// Whether something is at `path`; links are followed, and one that leads nowhere is nothing.
/// @throws Error bad_input  when nothing can be there: a name too long, a loop of links.
/// @throws Error infra      when it cannot be told: a directory that may not be searched.
[[nodiscard]] bool path_exists(const std::filesystem::path& path);

/// Whole content of a regular file of at most `limit` bytes.
/// @throws Error  not_found, bad_input (not a regular file, too large) or infra.
[[nodiscard]] std::string read_file(const std::filesystem::path& file, Bytes limit = mebibytes(64));

/// Who may read a file that is written; `owner_only` for keys and other secrets.
enum class FileAccess { everyone, owner_only };

/// Replaces `file` by `content` so that a crash leaves the old or the new text, never a mixture:
/// temporary name, fsync, rename, fsync of the directory.
void write_file(const std::filesystem::path& file, std::string_view content,
                FileAccess access = FileAccess::everyone);

/// Flushes a file or a directory to the disk.
void sync_path(const std::filesystem::path& path);

/// Creates the directory and its parents where missing (mode 0700 for the new ones).
void make_directory(const std::filesystem::path& directory);

/// Removes a file or a directory with all in it, also where directories forbid that to their owner;
/// links are not followed. What was in the way, if something stays.
[[nodiscard]] std::error_code remove_tree(const std::filesystem::path& path);

/// A directory that is removed with all it holds when the owner goes, unless keep() was called.
class TemporaryDirectory {
public:
    /// Creates a fresh directory below `parent` whose name starts with `prefix`.
    TemporaryDirectory(const std::filesystem::path& parent, const std::string& prefix);
    TemporaryDirectory(TemporaryDirectory&& other) noexcept;
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
    ~TemporaryDirectory();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Gives up ownership; the directory stays.
    void keep() { path_.clear(); }

private:
    std::filesystem::path path_;
};

} // namespace lab
