// SPDX-License-Identifier: Apache-2.0
#include "orphans.h"

#include "base/error.h"
#include "base/handle.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string>
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

constexpr std::array<int, 7> faults{SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGTRAP};

void leave_mark(const std::filesystem::path& crash_mark, int status) {
    if (!WIFSIGNALED(status) ||
        std::find(faults.begin(), faults.end(), WTERMSIG(status)) == faults.end()) {
        return;
    }
    const FileDescriptor mark(
        ::open(crash_mark.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const auto text = std::to_string(WTERMSIG(status)) + "\n";
    // Without room for it, the job is started once more.
    static_cast<void>(!::write(mark.get(), text.data(), text.size()));
}

/// Collects until the daemon itself ends; never returns.
[[noreturn]] void collect(pid_t daemon, const std::filesystem::path& crash_mark) {
    for (;;) {
        int status = 0;
        const pid_t ended = ::wait(&status);
        if (ended == daemon) {
            leave_mark(crash_mark, status);
        }
        if (ended == daemon || (ended < 0 && errno != EINTR)) {
            ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        }
    }
}

} // namespace

void collect_orphans(const std::filesystem::path& crash_mark) {
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
        collect(daemon, crash_mark);
    }
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

bool take_crash_mark(const std::filesystem::path& crash_mark) {
    return ::unlink(crash_mark.c_str()) == 0;
}

} // namespace lab
