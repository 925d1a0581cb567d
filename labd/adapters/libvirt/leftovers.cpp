// SPDX-License-Identifier: Apache-2.0
#include "adapters/libvirt/leftovers.h"

#include "adapters/libvirt/domain_xml.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/handle.h"
#include "base/log.h"
#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <optional>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace lab::adapters {
namespace {

namespace fs = std::filesystem;

constexpr Duration end_limit = std::chrono::seconds(10);

/// A QEMU whose command line names files below the root.
struct Qemu {
    pid_t pid = 0;
    std::vector<std::string> words;
};

/// Words of a process; none when it is gone, a zombie, or somebody else's.
std::vector<std::string> command_line(pid_t pid) {
    try {
        return split(read_file("/proc/" + std::to_string(pid) + "/cmdline", mebibytes(1)), '\0');
    } catch (const Error&) {
        return {};
    }
}

bool is_qemu_of(const std::vector<std::string>& words, const std::string& directory) {
    return !words.empty() && fs::path(words[0]).filename().string().starts_with("qemu-system-") &&
           std::any_of(words.begin(), words.end(), [&](const std::string& word) {
               return word.find(directory) != std::string::npos;
           });
}

std::optional<pid_t> to_pid(const std::string& name) {
    pid_t pid = 0;
    const auto end = name.data() + name.size();
    const auto result = std::from_chars(name.data(), end, pid);
    return result.ec == std::errc() && result.ptr == end ? std::optional(pid) : std::nullopt;
}

std::vector<Qemu> find_all(const std::string& directory) {
    std::vector<Qemu> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        if (const auto pid = to_pid(entry.path().filename().string())) {
            auto words = command_line(*pid);
            if (is_qemu_of(words, directory)) {
                found.push_back({*pid, std::move(words)});
            }
        }
    }
    return found;
}

bool is_kept(const Qemu& qemu, const std::vector<std::string>& keep) {
    const auto flag = std::find(qemu.words.begin(), qemu.words.end(), "-uuid");
    return flag != qemu.words.end() && flag + 1 != qemu.words.end() &&
           std::find(keep.begin(), keep.end(), flag[1]) != keep.end();
}

/// Through a handle, and asked again behind it: the number may belong to another process by now.
void end(const Qemu& qemu) {
    const FileDescriptor process(static_cast<int>(::syscall(SYS_pidfd_open, qemu.pid, 0)));
    if (!process || command_line(qemu.pid) != qemu.words) {
        return;
    }
    logger("libvirt")->info("ending a leftover QEMU pid={}", qemu.pid);
    ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
    pollfd ended{process.get(), POLLIN, 0};
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(end_limit);
    if (::poll(&ended, 1, static_cast<int>(limit.count())) == 0) {
        throw Error(ErrorCode::infra,
                    "process " + std::to_string(qemu.pid) + ": a QEMU that does not end",
                    "It may wait for a disk of the host that does not answer.");
    }
}

/// Whether a kept QEMU uses the file or directory, or is called like it (`<name>.xml`, `.pid`).
bool is_used(const fs::path& path, const std::vector<Qemu>& kept) {
    const auto guest = "guest=" + path.stem().string() + ",";
    return std::any_of(kept.begin(), kept.end(), [&](const Qemu& qemu) {
        return std::any_of(qemu.words.begin(), qemu.words.end(), [&](const std::string& word) {
            return word.starts_with(guest) || word.find(path.string() + "/") != std::string::npos;
        });
    });
}

void forget(const fs::path& root, const std::vector<Qemu>& kept) {
    for (const auto& directory : {root / "run" / "qemu", root / "lib" / "qemu"}) {
        std::error_code ignored; // what stays is met again at the next start
        for (const auto& entry : fs::directory_iterator(directory, ignored)) {
            const auto name = entry.path().filename().string();
            const bool of_a_guest = name.starts_with(domain_prefix) ||
                                    name.starts_with("domain-") || name.starts_with("qmp-");
            if (of_a_guest && !is_used(entry.path(), kept)) {
                fs::remove_all(entry.path(), ignored);
            }
        }
    }
}

} // namespace

void end_leftovers(const fs::path& root, const std::vector<std::string>& keep) {
    std::vector<Qemu> kept;
    for (const auto& qemu : find_all((root / "lib" / "qemu").string() + "/")) {
        if (is_kept(qemu, keep)) {
            kept.push_back(qemu);
        } else {
            end(qemu);
        }
    }
    forget(root, kept);
}

} // namespace lab::adapters
