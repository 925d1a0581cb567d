// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/boot_files.h"

namespace lab::images {

/// BootFiles by libarchive, reading nothing but the tar format.
class BootTar final : public ports::BootFiles {
public:
    void extract(const std::filesystem::path& disk,
                 const std::vector<ports::BootFile>& files) override;
};

} // namespace lab::images
