// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/read_guard.h"

#include "adapters/git/libgit.h"

#include <git2/errors.h>
#include <git2/sys/odb_backend.h>
#include <memory>

namespace lab::adapters::git {
namespace {

using Odb = Handle<git_odb, git_odb_free>;

/// Before the packs (2) and the loose objects (1).
constexpr int asked_first = 100;

/// An object database that holds nothing, and so is asked and left for the next one.
struct ReadGuard : git_odb_backend {
    explicit ReadGuard(std::function<const char*()> ask)
        : git_odb_backend{}, check(std::move(ask)) {
        git_odb_backend::version = GIT_ODB_BACKEND_VERSION;
        git_odb_backend::read = [](void**, std::size_t*, git_object_t*, git_odb_backend* self,
                                   const git_oid*) {
            return static_cast<ReadGuard*>(self)->answer();
        };
        git_odb_backend::read_header = [](std::size_t*, git_object_t*, git_odb_backend* self,
                                          const git_oid*) {
            return static_cast<ReadGuard*>(self)->answer();
        };
        git_odb_backend::free = [](git_odb_backend* self) {
            delete static_cast<ReadGuard*>(self);
        };
    }

    std::function<const char*()> check;

private:
    [[nodiscard]] int answer() const {
        const char* refusal = check();
        if (refusal == nullptr) {
            return GIT_ENOTFOUND;
        }
        git_error_set_str(GIT_ERROR_CALLBACK, refusal);
        return GIT_EUSER;
    }
};

} // namespace

void guard_reads(git_repository* repository, std::function<const char*()> check) {
    git_odb* found = nullptr;
    require(git_repository_odb(&found, repository), "open the objects of",
            git_repository_path(repository));
    const Odb odb(found);
    auto guard = std::make_unique<ReadGuard>(std::move(check));
    require(git_odb_add_backend(odb.get(), guard.get(), asked_first), "guard the objects of",
            git_repository_path(repository));
    static_cast<void>(guard.release()); // the database frees it
}

} // namespace lab::adapters::git
