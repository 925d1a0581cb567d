// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace lab::ports {

/// Takes kernel and initrd out of what an install wrote to its output disk. Thread-safe.
class BootFiles {
public:
    virtual ~BootFiles() = default;

    /// Reads the raw tar on `disk` (written by a guest: foreign bytes) and writes its regular files
    /// `vmlinuz` and `initrd.img` to `kernel` and `initrd`; everything else is refused.
    /// @throws Error bad_input  when a file is missing, doubled, empty or over 512 MiB, or the tar
    ///                          holds anything else.
    virtual void extract(const std::filesystem::path& disk, const std::filesystem::path& kernel,
                         const std::filesystem::path& initrd) = 0;
};

} // namespace lab::ports
