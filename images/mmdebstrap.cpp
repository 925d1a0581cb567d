// SPDX-License-Identifier: Apache-2.0
#include "images/mmdebstrap.h"

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <unistd.h>

namespace lab::images {
namespace {

/// What no build, install or benchmark reads: half the size of the packages.
constexpr std::array<const char*, 9> left_out{
    "/usr/share/man/*", "/usr/share/doc/*", "/usr/share/info/*", "/usr/share/locale/*",
    "/usr/share/i18n/*", "/usr/share/zoneinfo/*", "/usr/lib/udev/hwdb.d/*", "/usr/bin/*-lto-dump-*",
    // The lab makes the initrd itself; Debian's takes longer to make and to boot.
    "/etc/kernel/postinst.d/initramfs-tools"};

bool is_package_name(std::string_view name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    };
    return name.size() >= 2 && std::isalnum(static_cast<unsigned char>(name.front())) != 0 &&
           std::all_of(name.begin(), name.end(), allowed);
}

void require_name(const char* field, const std::string& name) {
    if (!is_package_name(name)) {
        throw Error(ErrorCode::bad_input, std::string(field) + ": '" +
                                              escape_for_terminal(cap(name, 100)) +
                                              "' is no name (allowed: a-z, 0-9, '+', '-', '.')");
    }
}

/// True when a line that is not a comment has the suite as a word.
bool names_suite(const std::string& text, const std::string& suite) {
    for (const auto& line : split(text, '\n')) {
        const auto words = split(trim(line), ' ');
        if (words.front().rfind('#', 0) != 0 &&
            std::find(words.begin(), words.end(), suite) != words.end()) {
            return true;
        }
    }
    return false;
}

} // namespace

std::vector<std::filesystem::path> apt_sources(const std::filesystem::path& apt_directory,
                                               const std::string& suite) {
    std::vector<std::filesystem::path> candidates{apt_directory / "sources.list"};
    std::error_code none;
    for (const auto& entry :
         std::filesystem::directory_iterator(apt_directory / "sources.list.d", none)) {
        const auto suffix = entry.path().extension();
        if (suffix == ".list" || suffix == ".sources") {
            candidates.push_back(entry.path());
        }
    }
    std::sort(candidates.begin(), candidates.end());
    std::vector<std::filesystem::path> sources;
    std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(sources),
                 [&](const auto& file) {
                     return std::filesystem::is_regular_file(file, none) &&
                            names_suite(read_file(file), suite);
                 });
    return sources;
}

std::vector<std::string> mmdebstrap_argv(const DebianRequest& request,
                                         const std::vector<std::filesystem::path>& sources) {
    require_name("root.suite", request.suite);
    for (const auto& package : request.packages) {
        require_name("root.packages", package);
    }
    std::vector<std::string> argv{"mmdebstrap", "--mode=auto", "--variant=minbase", "--format=tar",
                                  "--aptopt=Acquire::Languages \"none\"",
                                  // The root is thrown away when this is interrupted.
                                  "--dpkgopt=force-unsafe-io"};
    for (const char* pattern : left_out) {
        argv.push_back(std::string("--dpkgopt=path-exclude=") + pattern);
    }
    if (!request.packages.empty()) {
        argv.push_back("--include=" + join(request.packages, ","));
    }
    argv.push_back(request.suite);
    argv.push_back(request.tar.string());
    for (const auto& source : sources) {
        argv.push_back(source.string());
    }
    return argv;
}

void make_debian_tar(const DebianRequest& request, const std::function<void(std::string_view)>& log,
                     const std::stop_token& stop) {
    std::vector<std::pair<std::string, std::string>> environment{{"LC_ALL", "C"}};
    if (::geteuid() == 0) {
        // Removed with the draft when this is killed. Others leave it in /tmp: the ids of their
        // user namespace may not enter a private directory.
        environment.emplace_back("TMPDIR", request.tar.parent_path().string());
    }
    run_process_checked({.argv = mmdebstrap_argv(request, apt_sources("/etc/apt", request.suite)),
                         .environment = environment,
                         .timeout = std::chrono::minutes(30),
                         .on_output = log},
                        stop);
}

} // namespace lab::images
