// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/boot_files.h"

namespace lab::images {

/// BootFiles by libarchive, reading nothing but the tar format.
class BootTar final : public ports::BootFiles {
public:
    void extract(const std::filesystem::path& disk, const std::filesystem::path& kernel,
                 const std::filesystem::path& initrd) override;
};

} // namespace lab::images
