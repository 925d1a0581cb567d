// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"

#include <filesystem>
#include <stop_token>

namespace lab::ports {

/// A working tree of its own whose repository borrows the objects of another one. Not thread-safe.
class Checkout {
public:
    virtual ~Checkout() = default;

    [[nodiscard]] virtual const std::filesystem::path& directory() const = 0;

    /// Makes the tracked files those of the commit, whatever was done to the directory. Files that
    /// do not differ keep their times, and untracked ones stay, so that what a build left behind is
    /// still warm; but where that cannot be done, all of it is made anew.
    /// @throws Error not_found  when there is no such commit.
    virtual void check_out(const core::CommitId& commit, const std::stop_token& stop) = 0;
};

} // namespace lab::ports
