// SPDX-License-Identifier: Apache-2.0
#include "cli/launch.h"

#include "api/client.h"
#include "base/error.h"
#include "base/process.h"

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

constexpr Duration start_limit = std::chrono::seconds(10);
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

/// In the child: a session of its own, no terminal, no files of ours. Only async-signal-safe calls.
[[noreturn]] void become(const char* program, char* const* argv, char* const* variables) {
    ::setsid();
    const int null = ::open("/dev/null", O_RDWR);
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        ::dup2(null, descriptor);
    }
    ::close_range(3, ~0U, 0);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
        ::signal(number, SIG_DFL);
    }
    if (::chdir("/") == 0) {
        ::execve(program, argv, variables);
    }
    ::_exit(127);
}

pid_t spawn(const std::filesystem::path& program) {
    auto variables = daemon_environment();
    std::vector<char*> pointers;
    for (auto& variable : variables) {
        pointers.push_back(variable.data());
    }
    pointers.push_back(nullptr);
    std::string path = program.string();
    const std::array<char*, 2> argv{path.data(), nullptr};
    const pid_t child = ::fork();
    if (child < 0) {
        throw errno_error("start", path);
    }
    if (child == 0) {
        become(path.c_str(), argv.data(), pointers.data());
    }
    return child;
}

int exit_code_of(int status) {
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

Error start_error(const std::filesystem::path& program, const std::string& why) {
    return Error(ErrorCode::infra, "labd: " + why,
                 "see why with: " + program.string() + " --foreground");
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
    pid_t child = spawn(program);
    while (!api::daemon_serves(socket)) {
        int status = 0;
        const bool ended = child > 0 && ::waitpid(child, &status, WNOHANG) == child;
        if (ended && exit_code_of(status) != lab::exit_code(ErrorCode::conflict)) {
            throw start_error(program, "ended at once (exit code " +
                                           std::to_string(exit_code_of(status)) + ")");
        }
        if (deadline.passed()) {
            throw start_error(program, "did not answer within 10 s");
        }
        std::this_thread::sleep_for(poll_interval);
        if (ended) {
            // Another one has the lock: it is starting as well, or still ending.
            std::this_thread::sleep_for(retry_interval);
            child = api::daemon_serves(socket) ? 0 : spawn(program);
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
