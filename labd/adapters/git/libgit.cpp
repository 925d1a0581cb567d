// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/libgit.h"

#include "adapters/git/plain_files.h"
#include "adapters/git/read_guard.h"
#include "base/text.h"

namespace lab::adapters::git {

Library::Library() {
    git_libgit2_init();
}

Library::~Library() {
    git_libgit2_shutdown();
}

Error git_failure(int code, const std::string& verb, const std::string& object) {
    const git_error* last = git_error_last();
    const std::string cause =
        last != nullptr && last->message != nullptr ? last->message : "unknown cause";
    return {code == GIT_ENOTFOUND ? ErrorCode::not_found : ErrorCode::infra,
            "cannot " + verb + " '" + escape_for_terminal(cap(object, 200)) +
                "': " + escape_for_terminal(cap(cause, 300))};
}

void require(int code, const char* verb, const std::string& object) {
    if (code < 0) {
        throw git_failure(code, verb, object);
    }
}

Repository open_repository(const std::string& path, const std::stop_token& stop) {
    require_plain_files(path);
    git_repository* repository = nullptr;
    const int code =
        git_repository_open_ext(&repository, path.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
    if (code == GIT_EOWNER) {
        throw Error(ErrorCode::infra, path + ": the repository belongs to another user",
                    "run 'git config --global --add safe.directory " + path + "' to trust it");
    }
    require(code, "open repository", path);
    Repository owner(repository);
    if (stop.stop_possible()) {
        guard_reads(repository, [stop] { return stop.stop_requested() ? "was stopped" : nullptr; });
    }
    return owner;
}

git_oid to_oid(const core::CommitId& id) {
    git_oid oid;
    require(git_oid_fromstr(&oid, id.hex().c_str()), "read object id", id.hex());
    return oid;
}

std::string to_hex(const git_oid& oid) {
    std::string hex(GIT_OID_HEXSZ, '0');
    git_oid_fmt(hex.data(), &oid);
    return hex;
}

core::CommitId to_id(const git_oid& oid) {
    return core::CommitId(to_hex(oid));
}

Commit find_commit(git_repository* repository, const git_oid& oid) {
    git_commit* commit = nullptr;
    require(git_commit_lookup(&commit, repository, &oid), "find commit", to_hex(oid));
    return Commit(commit);
}

Tree tree_of(const Commit& commit) {
    git_tree* tree = nullptr;
    require(git_commit_tree(&tree, commit.get()), "read the tree of commit",
            to_hex(*git_commit_id(commit.get())));
    return Tree(tree);
}

} // namespace lab::adapters::git
