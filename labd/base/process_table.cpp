// SPDX-License-Identifier: Apache-2.0
#include "base/process_table.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/handle.h"
#include "base/log.h"
#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <optional>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace lab {
namespace {

constexpr Duration end_limit = std::chrono::seconds(10);

/// A child may be forked while its parent is being ended: looked for again this often.
constexpr int most_rounds = 20;

std::optional<pid_t> to_pid(const std::string& name) {
    pid_t pid = 0;
    const auto end = name.data() + name.size();
    const auto result = std::from_chars(name.data(), end, pid);
    return result.ec == std::errc() && result.ptr == end ? std::optional(pid) : std::nullopt;
}

std::vector<std::string> words_of(pid_t pid, const char* file) {
    try {
        return split(read_file("/proc/" + std::to_string(pid) + "/" + file, mebibytes(1)), '\0');
    } catch (const Error&) {
        return {};
    }
}

/// The numbers that a directory's entries are called by.
std::vector<pid_t> numbers_in(const std::filesystem::path& directory, std::error_code& error) {
    std::vector<pid_t> all;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        if (const auto pid = to_pid(entry->path().filename().string())) {
            all.push_back(*pid);
        }
    }
    return all;
}

} // namespace

std::vector<pid_t> all_processes() {
    std::error_code error;
    auto all = numbers_in("/proc", error);
    if (error) {
        throw std::filesystem::filesystem_error("processes", "/proc", error);
    }
    return all;
}

std::vector<pid_t> threads_of(pid_t pid) {
    std::error_code gone;
    return numbers_in("/proc/" + std::to_string(pid) + "/task", gone);
}

std::vector<std::string> command_line(pid_t pid) {
    return words_of(pid, "cmdline");
}

std::vector<std::string> environment_of(pid_t pid) {
    return words_of(pid, "environ");
}

void end_process(pid_t pid, const std::function<bool()>& is_meant, const std::string& what) {
    const FileDescriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!process || !is_meant()) {
        return;
    }
    logger("process")->info("ending {} left behind pid={}", what, pid);
    ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
    pollfd ended{process.get(), POLLIN, 0};
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(end_limit);
    if (::poll(&ended, 1, static_cast<int>(limit.count())) == 0) {
        throw Error(ErrorCode::infra,
                    "process " + std::to_string(pid) + ": " + what + " that does not end",
                    "It may wait for a disk of the host that does not answer.");
    }
}

void end_marked_processes(const std::string& mark) {
    const auto is_marked = [&](pid_t pid) {
        const auto environment = environment_of(pid);
        return std::find(environment.begin(), environment.end(), mark) != environment.end();
    };
    bool any = true;
    for (int round = 0; any && round < most_rounds; ++round) {
        any = false;
        for (const auto pid : all_processes()) {
            if (pid != ::getpid() && is_marked(pid)) {
                any = true;
                end_process(
                    pid, [&] { return is_marked(pid); }, "a command");
            }
        }
    }
}

} // namespace lab
