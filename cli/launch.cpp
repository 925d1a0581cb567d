// SPDX-License-Identifier: Apache-2.0
#include "cli/launch.h"

#include "api/client.h"
#include "base/argv.h"
#include "base/descriptors.h"
#include "base/error.h"
#include "base/handle.h"
#include "base/process.h"
#include "base/text.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace lab::cli {
namespace {

/// A start that has leftovers of a killed labd to clear away takes seconds.
constexpr Duration start_limit = std::chrono::seconds(60);
constexpr Duration poll_interval = std::chrono::milliseconds(10);
constexpr Duration retry_interval = std::chrono::milliseconds(100);

/// Our environment, with LAB_HOME made absolute: labd runs in another directory.
std::vector<std::string> daemon_environment() {
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        variables.emplace_back(*variable);
        if (variables.back().rfind("LAB_HOME=", 0) == 0 && variables.back().size() > 9) {
            const auto home = std::filesystem::absolute(variables.back().substr(9));
            variables.back() = "LAB_HOME=" + home.lexically_normal().string();
        }
    }
    return variables;
}

/// A labd that we started, and what it says on stderr while we wait for it.
struct StartedDaemon {
    pid_t pid = 0;
    FileDescriptor complaints;
};

/// In the child: a session of its own, no terminal, no files of ours but the pipe for stderr. Only
/// async-signal-safe calls.
[[noreturn]] void become_daemon(const char* program, char* const* argv, char* const* variables,
                                int complaints) {
    ::setsid();
    const int null = ::open("/dev/null", O_RDWR);
    ::dup2(null, STDIN_FILENO);
    ::dup2(null, STDOUT_FILENO);
    ::dup2(complaints, STDERR_FILENO);
    close_descriptors_from(STDERR_FILENO + 1);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
        ::signal(number, SIG_DFL);
    }
    if (::chdir("/") == 0) {
        ::execve(program, argv, variables);
    }
    ::_exit(127);
}

StartedDaemon spawn(const std::filesystem::path& program) {
    auto variables = daemon_environment();
    auto pointers = pointers_to(variables);
    std::string path = program.string();
    const std::array<char*, 2> argv{path.data(), nullptr};
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        throw errno_error("create", "pipe");
    }
    FileDescriptor read_end(ends[0]);
    const FileDescriptor write_end(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) {
        throw errno_error("start", path);
    }
    if (child == 0) {
        become_daemon(path.c_str(), argv.data(), pointers.data(), write_end.get());
    }
    return {child, std::move(read_end)};
}

/// The error that labd ended with, as it wrote it; empty when it wrote none.
std::string complaint(const StartedDaemon& labd) {
    constexpr std::string_view mark = "labd: error: ";
    std::array<char, 65536> text{};
    const auto count = ::read(labd.complaints.get(), text.data(), text.size());
    const std::string_view all(text.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    const auto begin = all.rfind(mark);
    return begin == std::string_view::npos
               ? std::string()
               : cap(std::string(trim(all.substr(begin + mark.size()))), 4096);
}

int ended_with(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// False for a zombie too: in a container nobody may be there to collect it.
bool is_running(std::int64_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    if (!std::getline(file, line)) {
        return false;
    }
    const auto name_end = line.rfind(") "); // the name before it may hold anything
    return name_end == std::string::npos || line.compare(name_end + 2, 1, "Z") != 0;
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

Error start_error(const std::filesystem::path& program, const std::string& why) {
    return Error(ErrorCode::infra, "labd: " + why,
                 "see why with: " + program.string() + " --foreground");
}

/// What labd said is better than how it ended.
Error end_error(const std::filesystem::path& program, const std::string& said, int code) {
    if (said.empty()) {
        return start_error(program, "ended at once (exit code " + std::to_string(code) + ")");
    }
    const auto line = said.find('\n');
    auto kind = ErrorCode::infra;
    for (const auto mendable : {ErrorCode::bad_input, ErrorCode::conflict}) {
        kind = code == lab::exit_code(mendable) ? mendable : kind;
    }
    return Error(kind, "labd: " + first_line(said),
                 line == std::string::npos ? "" : said.substr(line + 1));
}

} // namespace

std::filesystem::path find_labd() {
    const auto directory = api::program_directory();
    for (const auto& candidate : {directory / "labd", directory / "../labd/labd"}) {
        if (::access(candidate.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(candidate)) {
            return candidate.lexically_normal();
        }
    }
    if (const auto found = find_program("labd")) {
        return *found;
    }
    throw Error(ErrorCode::infra,
                "labd: not found beside " + (directory / "lab").string() + " nor in PATH",
                "install it beside lab");
}

void start_daemon(const api::Places& places) {
    const auto program = find_labd();
    const auto socket = places.socket();
    const auto deadline = Deadline::in(start_limit);
    StartedDaemon labd = spawn(program);
    std::string last_said;
    while (!api::daemon_serves(socket)) {
        int status = 0;
        const bool ended = labd.pid > 0 && ::waitpid(labd.pid, &status, WNOHANG) == labd.pid;
        if (ended) {
            last_said = complaint(labd);
        }
        if (ended && last_said.find(api::another_labd_runs) == std::string::npos) {
            throw end_error(program, last_said, ended_with(status));
        }
        if (deadline.passed()) {
            throw start_error(program,
                              "did not answer within 60 s" +
                                  (last_said.empty() ? "" : " (" + first_line(last_said) + ")"));
        }
        std::this_thread::sleep_for(poll_interval);
        if (ended) {
            // Another one has the lock: it is starting as well, or still ending.
            std::this_thread::sleep_for(retry_interval);
            labd = api::daemon_serves(socket) ? StartedDaemon() : spawn(program);
        }
    }
}

void wait_until_gone(std::int64_t pid, Duration limit) {
    const auto deadline = Deadline::in(limit);
    while (is_running(pid)) {
        if (deadline.passed()) {
            throw Error(ErrorCode::timed_out, "labd: still runs (pid " + std::to_string(pid) + ")",
                        "it may be ending a step; ask again with: lab daemon status");
        }
        std::this_thread::sleep_for(poll_interval);
    }
}

} // namespace lab::cli
