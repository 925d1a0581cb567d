// SPDX-License-Identifier: Apache-2.0
#include "cli/repository.h"

#include "base/error.h"

namespace lab::cli {

std::filesystem::path find_repository(const std::string& directory) {
    const auto start =
        std::filesystem::absolute(directory.empty() ? "." : directory).lexically_normal();
    std::error_code ignored;
    for (auto place = start; std::filesystem::is_directory(start, ignored);
         place = place.parent_path()) {
        // A work tree, a linked one (a file), or a bare repository.
        if (std::filesystem::exists(place / ".git", ignored) ||
            std::filesystem::is_regular_file(place / "HEAD", ignored)) {
            return place;
        }
        if (place == place.parent_path()) {
            break;
        }
    }
    throw Error(ErrorCode::not_found, start.string() + ": is in no git repository",
                "name one with --repo DIR");
}

} // namespace lab::cli
