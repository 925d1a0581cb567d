// SPDX-License-Identifier: Apache-2.0
#include "base/user_namespace.h"

#include "base/error.h"
#include "base/log.h"
#include "base/process.h"

#include "base/handle.h"

#include <array>
#include <cerrno>
#include <fts.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace lab {
namespace {

/// No user's, no service's, and none that systemd gives to its own containers.
constexpr unsigned first_container_id = 2'000'000'000;

int close_walk(FTS* walk) {
    return ::fts_close(walk);
}

using Walk = Handle<FTS, close_walk>;

/// The id that is wanted; the same when it is that already.
unsigned changed(unsigned id, OwnersAre wanted) {
    if (wanted == OwnersAre::of_the_container) {
        return id < container_ids ? id + first_container_id : id;
    }
    return id >= first_container_id ? id - first_container_id : id;
}

void change_owner(const FTSENT& entry, OwnersAre wanted) {
    const struct stat& status = *entry.fts_statp;
    const auto user = changed(status.st_uid, wanted);
    const auto group = changed(status.st_gid, wanted);
    if (user == status.st_uid && group == status.st_gid) {
        return;
    }
    // Only the owner's change takes these bits away.
    constexpr mode_t special = S_ISUID | S_ISGID;
    const bool restore = !S_ISLNK(status.st_mode) && (status.st_mode & special) != 0;
    if (::lchown(entry.fts_accpath, user, group) != 0 ||
        (restore && ::chmod(entry.fts_accpath, status.st_mode & 07777U) != 0)) {
        throw errno_error("change the owner of", entry.fts_accpath);
    }
}

} // namespace

std::vector<std::string> as_file_owner(std::vector<std::string> argv) {
    // Here, because unshare looks in PATH only, where users seldom have administration tools.
    if (const auto program = find_program(argv.at(0))) {
        argv[0] = program->string();
    }
    if (::geteuid() != 0) {
        argv.insert(argv.begin(), {"unshare", "--user", "--map-root-user", "--map-users=auto",
                                   "--map-groups=auto", "--"});
    }
    return argv;
}

unsigned container_root() noexcept {
    return ::geteuid() == 0 ? first_container_id : 0;
}

void give_to_container(const std::filesystem::path& file) {
    if (::geteuid() == 0 && ::lchown(file.c_str(), first_container_id, first_container_id) != 0) {
        throw errno_error("change the owner of", file.string());
    }
}

void change_owners(const std::filesystem::path& tree, OwnersAre wanted) {
    if (::geteuid() != 0) {
        return;
    }
    std::string name = tree.string();
    const std::array<char*, 2> paths{name.data(), nullptr};
    // By whole names: the working directory is every thread's.
    const Walk walk(::fts_open(paths.data(), FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, nullptr));
    if (!walk) {
        throw errno_error("read", tree.string());
    }
    for (;;) {
        errno = 0;
        const FTSENT* const entry = ::fts_read(walk.get());
        if (entry == nullptr && errno == 0) {
            return;
        }
        if (entry == nullptr || entry->fts_errno != 0) {
            errno = entry == nullptr ? errno : entry->fts_errno;
            throw errno_error("read", entry == nullptr ? tree.string() : entry->fts_path);
        }
        if (entry->fts_info != FTS_DP) {
            change_owner(*entry, wanted);
        }
    }
}

void remove_foreign_tree(const std::filesystem::path& tree) noexcept {
    std::error_code failed;
    std::filesystem::remove_all(tree, failed);
    if (!failed) {
        return;
    }
    try {
        run_process_checked({.argv = as_file_owner({"rm", "-rf", "--", tree.string()})});
    } catch (const Error& error) {
        logger("base")->warn("a directory could not be removed path={} cause={}", tree.string(),
                             error.what());
    }
}

} // namespace lab
