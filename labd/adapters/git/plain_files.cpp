// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/plain_files.h"

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

#include <array>

namespace lab::adapters::git {
namespace {

namespace fs = std::filesystem;

constexpr Bytes longest_pointer = Bytes{8192};

/// @see gitrepository-layout(5)
constexpr std::array own_files{"HEAD", "index", "commondir", "gitdir", "config.worktree"};
constexpr std::array shared_files{"config",          "packed-refs",
                                  "shallow",         "objects/info/alternates",
                                  "info/attributes", "objects/info/commit-graph",
                                  "info/exclude"};

void require_plain(const fs::path& file) {
    std::error_code unreadable; // git says that better
    const auto type = fs::status(file, unreadable).type();
    if (type == fs::file_type::regular || type == fs::file_type::directory ||
        type == fs::file_type::not_found || type == fs::file_type::none) {
        return;
    }
    throw Error(ErrorCode::infra,
                escape_for_terminal(file.string()) + ": is a " +
                    (type == fs::file_type::fifo ? "FIFO" : "socket or device") +
                    " (git needs a regular file)",
                "put the file back or remove it; git fsck shows whether anything else is amiss");
}

/// What a file of one line names, relative to a directory; the directory itself without the file.
fs::path named_by(const fs::path& file, std::string_view word, const fs::path& directory) {
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) {
        return directory;
    }
    const auto text = read_file(file, longest_pointer);
    const auto line = trim(text);
    return line.substr(0, word.size()) == word ? directory / trim(line.substr(word.size()))
                                               : directory;
}

/// The repository's own directory: `.git`, what a file of that name points at, or itself when it
/// is bare.
fs::path git_directory(const fs::path& repository) {
    const auto inside = repository / ".git";
    require_plain(inside);
    std::error_code ignored;
    return fs::is_directory(inside, ignored) ? inside : named_by(inside, "gitdir:", repository);
}

} // namespace

void require_plain_files(const fs::path& repository) {
    const auto own = git_directory(repository);
    for (const auto* name : own_files) {
        require_plain(own / name);
    }
    const auto shared = named_by(own / "commondir", "", own);
    for (const auto* name : shared_files) {
        require_plain(shared / name);
    }
}

} // namespace lab::adapters::git
