// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

namespace lab::ports {

/// The tree of a commit cannot be unpacked here, because of what it holds: more than is allowed, or
/// a name that must not be written. That is the commit's fault alone, as a build that breaks is.
struct UnfitTree {
    std::string reason; ///< names the commit, the path and the limit
};

/// A working tree of its own whose repository borrows the objects of another one. Not thread-safe.
class Checkout {
public:
    virtual ~Checkout() = default;

    [[nodiscard]] virtual const std::filesystem::path& directory() const = 0;

    /// Makes the tracked files those of the commit, whatever was done to the directory. Files that
    /// do not differ keep their times, and untracked ones stay, so that what a build left behind is
    /// still warm; but where that cannot be done, all of it is made anew.
    /// Returns why it cannot be checked out, if so; then nothing was changed. After an exception
    /// the object is of no more use.
    /// @throws Error not_found  when there is no such commit.
    /// @throws Error infra      when there is no room for it. @throws Cancelled  in about 2 s.
    [[nodiscard]] virtual std::optional<UnfitTree> check_out(const core::CommitId& commit,
                                                             const std::stop_token& stop) = 0;
};

} // namespace lab::ports
