// SPDX-License-Identifier: Apache-2.0
#include "base/ownership.h"

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

#include <array>
#include <cstdio>
#include <grp.h>
#include <pwd.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace lab {
namespace {

namespace fs = std::filesystem;

std::string octal(mode_t mode) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "0%o", static_cast<unsigned>(mode & 07777U));
    return text.data();
}

/// Whether a group is the caller's alone, as the system makes one for each user.
bool is_private_group(gid_t group) {
    std::vector<char> user_room(16384);
    std::vector<char> group_room(65536);
    passwd user{};
    ::group found{};
    passwd* user_answer = nullptr;
    ::group* group_answer = nullptr;
    if (::getpwuid_r(::geteuid(), &user, user_room.data(), user_room.size(), &user_answer) != 0 ||
        user_answer == nullptr || user.pw_gid != group ||
        ::getgrgid_r(group, &found, group_room.data(), group_room.size(), &group_answer) != 0 ||
        group_answer == nullptr || std::string_view(found.gr_name) != user.pw_name) {
        return false;
    }
    for (char** member = found.gr_mem; *member != nullptr; ++member) {
        if (std::string_view(*member) != user.pw_name) {
            return false;
        }
    }
    return true;
}

bool others_may_write(const struct stat& info) {
    return (info.st_mode & S_IWOTH) != 0 ||
           ((info.st_mode & S_IWGRP) != 0 && info.st_gid != 0 && !is_private_group(info.st_gid));
}

bool is_own(const struct stat& info) {
    return info.st_uid == ::geteuid() || info.st_uid == 0;
}

/// Of a directory above what matters.
std::optional<std::string> problem_above(const fs::path& directory) {
    struct stat info {};
    if (::stat(directory.c_str(), &info) != 0) {
        return quote_foreign(directory.string(), 300) + ": cannot be looked at";
    }
    if (!is_own(info)) {
        return quote_foreign(directory.string(), 300) + ": belongs to uid " +
               std::to_string(info.st_uid);
    }
    if (others_may_write(info) && (info.st_mode & S_ISVTX) == 0) {
        return quote_foreign(directory.string(), 300) + ": others may write to it (mode " +
               octal(info.st_mode) + ")";
    }
    return std::nullopt;
}

std::optional<std::string> problem_of_parents(const fs::path& path) {
    std::error_code failure;
    const auto real = fs::canonical(path.parent_path(), failure);
    if (failure) {
        return quote_foreign(path.parent_path().string(), 300) + ": cannot be looked at";
    }
    for (auto directory = real;; directory = directory.parent_path()) {
        if (auto problem = problem_above(directory)) {
            return problem;
        }
        if (directory == directory.root_path()) {
            return std::nullopt;
        }
    }
}

} // namespace

std::optional<std::string> who_else_may_change(const fs::path& path) {
    std::error_code failure;
    const auto asked = fs::absolute(path, failure).lexically_normal();
    const auto real = fs::canonical(path, failure);
    struct stat info {};
    if (failure || ::stat(real.c_str(), &info) != 0) {
        return "cannot be looked at";
    }
    if (!is_own(info)) {
        return "belongs to uid " + std::to_string(info.st_uid);
    }
    if (others_may_write(info)) {
        return "others may write to it (mode " + octal(info.st_mode) + ")";
    }
    if (auto problem = problem_of_parents(asked)) {
        return problem;
    }
    return problem_of_parents(real);
}

void require_own_directory(const fs::path& directory) {
    make_directory(directory);
    struct stat info {};
    if (::stat(directory.c_str(), &info) != 0) {
        throw errno_error("inspect", directory.string());
    }
    if (info.st_uid != ::geteuid()) {
        throw Error(ErrorCode::conflict,
                    directory.string() + ": belongs to uid " + std::to_string(info.st_uid) +
                        " (allowed: a directory of your own)",
                    "Set LAB_HOME to a directory of your own.");
    }
    if (others_may_write(info)) {
        throw Error(ErrorCode::conflict,
                    directory.string() + ": others may write to it (mode " + octal(info.st_mode) +
                        "; allowed: 0755 or less)",
                    "If nobody did, run: chmod go-w " + directory.string());
    }
}

} // namespace lab
