// SPDX-License-Identifier: Apache-2.0
#include "api/config_trust.h"

#include "base/error.h"
#include "base/files.h"
#include "base/handle.h"
#include "base/json.h"
#include "base/ownership.h"
#include "base/sha256.h"
#include "base/text.h"
#include "plan/config_trust.h"

#include <fcntl.h>
#include <sys/stat.h>

namespace lab::api {
namespace {

namespace fs = std::filesystem;

constexpr Bytes largest_config = mebibytes(1);
constexpr Bytes largest_list = mebibytes(16);

std::string place_of(const fs::path& file) {
    std::error_code failure;
    const auto real = fs::canonical(file, failure);
    return failure ? fs::absolute(file).lexically_normal().string() : real.string();
}

std::string digest_of(const std::string& text) {
    return sha256_of(plan::parts_that_run_or_reveal(text));
}

/// Whether the file lies in the work tree of a git repository, or in the repository itself.
bool is_in_repository(const fs::path& place) {
    std::error_code ignored;
    for (auto directory = place.parent_path();; directory = directory.parent_path()) {
        if (fs::exists(fs::symlink_status(directory / ".git", ignored))) {
            return true;
        }
        if (directory == directory.root_path() || directory.empty()) {
            return false;
        }
    }
}

nlohmann::json read_list(const fs::path& file) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
        return nlohmann::json::object();
    }
    auto list = nlohmann::json::parse(read_file(file, largest_list), nullptr, false);
    if (!list.is_object()) {
        throw Error(ErrorCode::infra, file.string() + ": is damaged",
                    "Remove it, then trust again what is to be trusted: lab config trust");
    }
    return list;
}

void write_list(const fs::path& file, const nlohmann::json& list) {
    make_directory(file.parent_path());
    write_file(file, json_text(list) + "\n", FileAccess::owner_only);
}

} // namespace

std::optional<std::string> ConfigTrust::objection(const fs::path& file,
                                                  const std::string& text) const {
    const auto place = place_of(file);
    const auto list = read_list(list_);
    const auto known = list.find(place);
    const bool is_known = known != list.end() && known->is_string();
    if (is_known && known->get<std::string>() == digest_of(text)) {
        return std::nullopt;
    }
    if (auto other = who_else_may_change(file)) {
        return other;
    }
    if (!is_in_repository(place)) {
        return std::nullopt;
    }
    return is_known ? "what it runs or reveals has changed since it was trusted"
                    : "it lies in a git repository, and 'lab init' did not write it here";
}

ConfigText ConfigTrust::read(const fs::path& file) const {
    const FileDescriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!opened) {
        throw errno_error("read", file.string());
    }
    // By the descriptor: what is checked must be what is used.
    auto text = read_file("/proc/self/fd/" + std::to_string(opened.get()), largest_config);
    struct stat held {};
    struct stat named {};
    if (::fstat(opened.get(), &held) != 0 || ::stat(file.c_str(), &named) != 0 ||
        held.st_ino != named.st_ino || held.st_dev != named.st_dev) {
        throw Error(ErrorCode::conflict, file.string() + ": was replaced while it was read",
                    "Try again.");
    }
    if (const auto problem = objection(file, text)) {
        throw Error(ErrorCode::bad_input,
                    quote_foreign(file.string(), 300) + ": is not used: " + *problem,
                    "Read it; if it may run programs as you: lab config trust " +
                        shell_quote(file.string()));
    }
    return {file.string(), std::move(text)};
}

std::optional<std::string> ConfigTrust::read_again(const fs::path& file) const {
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) {
        return std::nullopt;
    }
    try {
        return read(file).text;
    } catch (const Error&) { // the text that was checked when it was handed in is used then
        return std::nullopt;
    }
}

void ConfigTrust::trust(const fs::path& file, const std::string& text) const {
    auto list = read_list(list_);
    list[place_of(file)] = digest_of(text);
    write_list(list_, list);
}

bool ConfigTrust::forget(const fs::path& file) const {
    auto list = read_list(list_);
    if (list.erase(place_of(file)) == 0) {
        return false;
    }
    write_list(list_, list);
    return true;
}

std::vector<std::string> ConfigTrust::trusted() const {
    const auto list = read_list(list_);
    std::vector<std::string> places;
    for (const auto& [place, digest] : list.items()) {
        places.push_back(place);
    }
    return places;
}

} // namespace lab::api
