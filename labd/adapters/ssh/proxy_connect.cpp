// SPDX-License-Identifier: Apache-2.0
#include "adapters/ssh/proxy_connect.h"

#include "base/argv.h"
#include "base/error.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>

namespace lab::adapters {
namespace {

void free_actions(posix_spawn_file_actions_t* actions) {
    ::posix_spawn_file_actions_destroy(actions);
}

using Actions = Handle<posix_spawn_file_actions_t, free_actions>;

/// Starts a program that nobody waits for: setsid makes it init's child.
void start_apart(const std::vector<std::string>& argv, int connection) {
    std::vector<std::string> words{"setsid", "--fork", "--"};
    words.insert(words.end(), argv.begin(), argv.end());
    auto pointers = pointers_to(words);
    posix_spawn_file_actions_t made{};
    ::posix_spawn_file_actions_init(&made);
    const Actions actions(&made);
    ::posix_spawn_file_actions_adddup2(&made, connection, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&made, connection, STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&made, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&made, STDERR_FILENO + 1);
    pid_t pid = 0;
    const int code =
        ::posix_spawnp(&pid, pointers[0], actions.get(), nullptr, pointers.data(), environ);
    if (code != 0) {
        throw Error(ErrorCode::infra,
                    "setsid: cannot be started: " + std::generic_category().message(code));
    }
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
}

} // namespace

TcpAttempt connect_through(const std::vector<std::string>& argv, Duration patience,
                           const std::stop_token& stop) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw errno_error("connect to", argv.front());
    }
    TcpAttempt attempt;
    attempt.socket = FileDescriptor(ends[0]);
    {
        const FileDescriptor other(ends[1]);
        start_apart(argv, other.get());
    }
    attempt.failure = await_greeting(attempt.socket.get(), Deadline::in(patience), stop);
    if (!attempt.failure.empty()) {
        attempt.failure += " (through " + argv.front() + ")";
    }
    return attempt;
}

} // namespace lab::adapters
