// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "base/handle.h"
#include "core/commit.h"

#include <git2.h>
#include <stop_token>
#include <string>

/// Owners, errors and small conversions for libgit2.
namespace lab::adapters::git {

using Repository = Handle<git_repository, git_repository_free>;
using Commit = Handle<git_commit, git_commit_free>;
using Tree = Handle<git_tree, git_tree_free>;
using TreeEntry = Handle<git_tree_entry, git_tree_entry_free>;
using Blob = Handle<git_blob, git_blob_free>;
using Object = Handle<git_object, git_object_free>;
using Walk = Handle<git_revwalk, git_revwalk_free>;

/// Keeps libgit2 initialised while it lives.
class Library {
public:
    Library();
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
    ~Library();
};

/// Error for a libgit2 code other than 0: not_found or infra, "cannot <verb> '<object>': <cause>".
[[nodiscard]] Error git_failure(int code, const std::string& verb, const std::string& object);

/// @throws Error  as git_failure, when `code` is negative.
void require(int code, const char* verb, const std::string& object);

/// @param stop  ends what reads objects of it, as an error.
/// @throws Error not_found  when there is no repository at the path itself.
/// @throws Error infra      when a file of it is none.
[[nodiscard]] Repository open_repository(const std::string& path, const std::stop_token& stop = {});

[[nodiscard]] git_oid to_oid(const core::CommitId& id);
[[nodiscard]] core::CommitId to_id(const git_oid& oid);
[[nodiscard]] std::string to_hex(const git_oid& oid);

/// @throws Error not_found  when the repository does not hold the commit.
[[nodiscard]] Commit find_commit(git_repository* repository, const git_oid& oid);
[[nodiscard]] Tree tree_of(const Commit& commit);

} // namespace lab::adapters::git
