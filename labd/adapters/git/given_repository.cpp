// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/given_repository.h"

#include "adapters/git/libgit.h"
#include "base/files.h"

#include <array>
#include <fstream>
#include <sys/stat.h>

namespace lab::adapters::git {
namespace {

namespace fs = std::filesystem;

/// What an operation that was not ended leaves: git would go on with it.
constexpr std::array<const char*, 8> begun_operations{
    "MERGE_HEAD",   "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_START",
    "rebase-merge", "rebase-apply",     "sequencer",   "AUTO_MERGE"};

bool is_directory_itself(const fs::path& path) {
    std::error_code none;
    return fs::symlink_status(path, none).type() == fs::file_type::directory;
}

/// Replaces a file, whatever stands there; not made durable, because a checkout need not be.
std::error_code put(const fs::path& file, const std::string& content) {
    auto fresh = file;
    fresh += ".lab";
    std::error_code failure = remove_tree(fresh);
    if (!std::ofstream(fresh, std::ios::binary)
             .write(content.data(), static_cast<std::streamsize>(content.size()))) {
        return std::make_error_code(std::errc::io_error);
    }
    fs::rename(fresh, file, failure);
    return failure;
}

/// Changes with every change to the file, also one that puts its times back.
std::string state_of(const fs::path& file) {
    struct stat status {};
    if (::lstat(file.c_str(), &status) != 0) {
        return "-";
    }
    std::string text;
    for (const auto number :
         {static_cast<long>(status.st_ino), static_cast<long>(status.st_size),
          static_cast<long>(status.st_mode), status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
          status.st_ctim.tv_sec, status.st_ctim.tv_nsec}) {
        text += std::to_string(number) + " ";
    }
    return text;
}

std::error_code put_copy(const fs::path& from, const fs::path& file) {
    auto fresh = file;
    fresh += ".lab";
    std::error_code failure = remove_tree(fresh);
    fs::copy_file(from, fresh, failure);
    if (!failure) {
        fs::rename(fresh, file, failure);
    }
    return failure;
}

/// Locks of killed owners: the checkout has no other user now.
void remove_locks(const fs::path& directory) {
    std::error_code none;
    for (fs::directory_iterator entry(directory, none), end; !none && entry != end;
         entry.increment(none)) {
        if (entry->path().extension() == ".lock") {
            static_cast<void>(remove_tree(entry->path()));
        }
    }
}

} // namespace

void borrow_objects(const fs::path& objects, const fs::path& repository) {
    const auto text = objects.lexically_normal().string();
    if (text.find('\n') != std::string::npos || text.front() == '"') {
        throw Error(ErrorCode::bad_input, text + ": objects below such a path cannot be borrowed");
    }
    write_file(repository / "objects" / "info" / "alternates", text + "\n");
}

GivenRepository::GivenRepository(fs::path checkout, fs::path objects)
    : checkout_(std::move(checkout)), git_(checkout_ / ".git"), objects_(std::move(objects)) {}

void GivenRepository::show(const core::CommitId& commit, const fs::path& index) {
    const bool usable = !configuration_.empty() && is_directory_itself(git_);
    if (usable && !tidy(commit, index)) {
        return;
    }
    make();
    if (const auto failure = tidy(commit, index)) {
        throw Error(ErrorCode::infra, git_.string() + ": " + failure.message());
    }
}

void GivenRepository::make() {
    if (const auto failure = remove_tree(git_)) {
        throw Error(ErrorCode::infra, git_.string() + ": cannot be removed: " + failure.message());
    }
    git_repository* made = nullptr;
    require(git_repository_init(&made, checkout_.c_str(), 0), "make repository",
            checkout_.string());
    const Repository owner(made);
    borrow_objects(objects_, git_);
    configuration_ = read_file(git_ / "config");
}

GivenRepository::State GivenRepository::state() const {
    return state_of(git_ / "config") + state_of(git_ / "HEAD") + state_of(git_ / "index");
}

bool GivenRepository::is_as_shown(const core::CommitId& commit, const State& index) const {
    return commit == shown_ && index == shown_index_ && state() == shown_state_;
}

std::error_code GivenRepository::tidy(const core::CommitId& commit, const fs::path& index) {
    remove_locks(git_);
    for (const auto* name : begun_operations) {
        static_cast<void>(remove_tree(git_ / name));
    }
    if (!is_directory_itself(git_ / "objects") || !is_directory_itself(git_ / "refs")) {
        return std::make_error_code(std::errc::not_a_directory);
    }
    const auto source = state_of(index);
    if (is_as_shown(commit, source)) {
        return {};
    }
    auto failure = put(git_ / "config", configuration_);
    if (!failure) {
        failure = put(git_ / "HEAD", commit.hex() + "\n");
    }
    if (!failure) {
        failure = put_copy(index, git_ / "index");
    }
    shown_ = failure ? core::CommitId() : commit;
    shown_index_ = source;
    shown_state_ = state();
    return failure;
}

} // namespace lab::adapters::git
