// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lab::ports {

enum class Presence { required, optional };

/// A file that an install hands out, and where it goes.
struct BootFile {
    std::string name;
    std::filesystem::path target;
    Presence presence = Presence::required;
};

/// Takes the files that boot a machine out of what an install wrote to its output disk.
/// Thread-safe.
class BootFiles {
public:
    virtual ~BootFiles() = default;

    /// Reads the raw tar on `disk` (written by a guest: foreign bytes) and writes its regular files
    /// by these names to their targets; everything else is refused.
    /// @throws Error bad_input  when a file is missing, doubled, empty or over 2 GiB, or the tar
    ///                          holds anything else.
    virtual void extract(const std::filesystem::path& disk, const std::vector<BootFile>& files) = 0;
};

} // namespace lab::ports
