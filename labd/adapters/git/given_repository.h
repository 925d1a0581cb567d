// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"

#include <filesystem>
#include <string>
#include <system_error>

namespace lab::adapters::git {

/// Writes the file that has a repository borrow objects.
/// @see gitrepository-layout(5): objects/info/alternates, one directory a line.
/// @throws Error bad_input  when such a path cannot be written down.
void borrow_objects(const std::filesystem::path& objects, const std::filesystem::path& repository);

/// The `.git` of a checkout: for the commands that run there, which may do with it what they like.
/// We never read it. Not thread-safe.
class GivenRepository {
public:
    /// @param objects  directory of the objects that it borrows.
    GivenRepository(std::filesystem::path checkout, std::filesystem::path objects);

    /// Makes its HEAD and its index those of a commit, and takes back what a command did to its
    /// configuration, locks it left and operations it did not end. A repository with which that
    /// cannot be done is made anew.
    /// @param index  a file with the index of the working tree.
    void show(const core::CommitId& commit, const std::filesystem::path& index);

private:
    /// What a file was right behind it was written: size, times and number, as text.
    using State = std::string;

    void make();
    [[nodiscard]] std::error_code tidy(const core::CommitId& commit,
                                       const std::filesystem::path& index);
    [[nodiscard]] bool is_as_shown(const core::CommitId& commit, const State& index) const;
    [[nodiscard]] State state() const;

    std::filesystem::path checkout_;
    std::filesystem::path git_;
    std::filesystem::path objects_;
    std::string configuration_; ///< as it was made; empty = it was not made by us
    core::CommitId shown_;      ///< empty = nothing
    State shown_index_;         ///< of the file that it was copied from
    State shown_state_;
};

} // namespace lab::adapters::git
