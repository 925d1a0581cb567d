// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/image_store.h"

#include <map>
#include <mutex>
#include <string>

namespace lab::images {

/// Digests of local files, computed again only when a file's identity, size or time has changed.
/// Thread-safe.
class FileDigests {
public:
    /// @throws Error not_found or infra  when the file cannot be read.
    [[nodiscard]] std::string digest_of(const std::filesystem::path& file);

private:
    std::mutex mutex_;
    std::map<std::string, std::string> known_; ///< identity -> digest
};

/// Key of a root image: digest of the recipe, its init, the lab's keys, the imported image and the
/// version of the maker. What only matters when a machine runs (command line, ready mark) is no
/// part of it.
[[nodiscard]] std::string root_key(const ports::RootRequest& request, FileDigests& digests);

/// Whether the image of a machine's root also has its files as an archive, for containers.
[[nodiscard]] bool keeps_tree(const plan::Template& machine);

} // namespace lab::images
