// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/revision.h"

#include "base/characters.h"
#include "base/text.h"

#include <algorithm>

namespace lab::adapters::git {
namespace {

constexpr std::size_t longest_revision = 1024;

bool is_sensible(const std::string& text) {
    const auto holds = [&](const char* part) {
        return text.find(part) != std::string::npos;
    };
    return !text.empty() && text.size() <= longest_revision && text.front() != '-' &&
           text.front() != ':' && text.front() != '^' && !holds("..") && !holds("@{-") &&
           !holds("^{/") && std::none_of(text.begin(), text.end(), is_control);
}

Unexpected<Diagnostics> refused(const std::string& revision, const std::string& what,
                                const std::string& hint) {
    const auto shown = "'" + escape_for_terminal(cap(revision, 100)) + "'";
    return Unexpected<Diagnostics>{{Diagnostic{shown, what, hint}}};
}

/// For errors of libgit2 that are answers; others are thrown.
Unexpected<Diagnostics> refusal(int code, const std::string& revision) {
    switch (code) {
    case GIT_EAMBIGUOUS:
        return refused(revision, "is ambiguous (it is the beginning of several object ids)",
                       "give more digits");
    case GIT_ENOTFOUND:
        return refused(revision, "names no commit of the repository",
                       "'git log' and 'git tag' show what there is; fetch what is missing");
    case GIT_EPEEL:
    case GIT_EINVALIDSPEC:
        return refused(revision, "is not a commit", "give a commit, or a branch or tag of one");
    default:
        throw git_failure(code, "resolve revision", revision);
    }
}

} // namespace

Parsed<core::CommitId> resolve_revision(git_repository* repository, const std::string& revision) {
    if (!is_sensible(revision)) {
        return refused(revision,
                       "is not a commit name (allowed: a branch, tag or object id of at most 1024 "
                       "bytes, with ~N or ^N behind it)",
                       "");
    }
    git_object* found = nullptr;
    if (const int code = git_revparse_single(&found, repository, revision.c_str()); code < 0) {
        return refusal(code, revision);
    }
    const Object object(found);
    git_object* peeled = nullptr;
    const int code = git_object_peel(&peeled, object.get(), GIT_OBJECT_COMMIT);
    if (code < 0) {
        return refusal(code, revision);
    }
    const Object commit(peeled);
    return to_id(*git_object_id(commit.get()));
}

} // namespace lab::adapters::git
