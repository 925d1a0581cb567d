// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"

#include <filesystem>

namespace lab::adapters::git {

/// Keeps some of a file system free while something large is written to it.
class SpaceCheck {
public:
    /// @param directory  of what is written.
    SpaceCheck(std::filesystem::path directory, Bytes left_free);

    /// Whether there is room for the next part; once not, never again.
    [[nodiscard]] bool has_room(Bytes next = {});

    /// @throws Error infra  when has_room() was false.
    void require_room() const;

private:
    std::filesystem::path directory_;
    Bytes left_free_;
    bool full_ = false;
};

} // namespace lab::adapters::git
