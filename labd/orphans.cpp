// SPDX-License-Identifier: Apache-2.0
#include "orphans.h"

#include "base/error.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lab {
namespace {

constexpr std::array<int, 3> forwarded{SIGTERM, SIGINT, SIGHUP};

volatile std::sig_atomic_t daemon_pid = 0;

extern "C" void forward(int number) {
    ::kill(daemon_pid, number);
}

sigset_t forwarded_set() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : forwarded) {
        ::sigaddset(&set, number);
    }
    return set;
}

/// Collects until the daemon itself ends; never returns.
[[noreturn]] void collect(pid_t daemon) {
    for (;;) {
        int status = 0;
        const pid_t ended = ::wait(&status);
        if (ended == daemon || (ended < 0 && errno != EINTR)) {
            ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        }
    }
}

} // namespace

void collect_orphans() {
    const auto set = forwarded_set();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr); // none may be lost before it can be passed on
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    const pid_t daemon = ::fork();
    if (daemon < 0) {
        throw errno_error("start", "labd");
    }
    if (daemon > 0) {
        daemon_pid = daemon;
        for (const int number : forwarded) {
            std::signal(number, forward);
        }
        ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
        collect(daemon);
    }
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

} // namespace lab
