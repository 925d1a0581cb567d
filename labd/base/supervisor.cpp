// SPDX-License-Identifier: Apache-2.0
// Everything here runs behind fork in a process that had threads: system calls only.
#include "base/supervisor.h"

#include "base/descriptors.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lab {
namespace {

using Kind = SupervisorWord::Kind;

/// Processes that outlive SIGKILL wait for a device; they are left to whoever collects us.
constexpr time_t end_limit_seconds = 5;

/// Children that are killed may hand us their own: looked at again when one has ended, or then.
constexpr int round_milliseconds = 100;

/// The channel's number once the descriptors are arranged, beside the program's 0, 1 and 2.
constexpr int channel_number = STDERR_FILENO + 1;

/// Everything below us.
struct Family {
    pid_t program = -1;
    bool program_ended = false;
    bool ending = false; ///< from now on what ends was killed
    int left = 0;        ///< of those, beside the program
};

void say(int channel, Kind kind, int value) {
    const SupervisorWord word{kind, value};
    static_cast<void>(!::send(channel, &word, sizeof word, MSG_NOSIGNAL));
}

/// Makes them the descriptors 0 to 3 and closes all others; false with errno set.
bool arrange(std::array<int, channel_number + 1> wanted) {
    // First out of the way: each may have a number that another one is to get.
    for (auto& descriptor : wanted) {
        descriptor = ::fcntl(descriptor, F_DUPFD, channel_number + 1);
        if (descriptor < 0) {
            return false;
        }
    }
    int number = 0;
    for (const int descriptor : wanted) {
        if (::dup2(descriptor, number++) < 0) {
            return false;
        }
    }
    close_descriptors_from(channel_number + 1);
    return ::fcntl(channel_number, F_SETFD, FD_CLOEXEC) == 0;
}

/// The ends of pipes are the program's alone from now on, or their readers would wait for us.
void let_go_of_streams() {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (null < 0 || ::dup2(null, number) < 0) {
            ::close(number);
        }
    }
    ::close(null);
}

void write_text(const char* file, const char* text) {
    const int descriptor = ::open(file, O_WRONLY | O_CLOEXEC);
    if (descriptor >= 0) {
        static_cast<void>(!::write(descriptor, text, std::strlen(text)));
        ::close(descriptor);
    }
}

/// Why a program does not run.
struct Failure {
    Kind kind = Kind::failed;
    int cause = 0; ///< errno; 0 = it runs
};

/// Whether execve(2) fails by that cause for what the program's file holds or names, and not for
/// what the host lacks.
bool lies_with_the_file(int cause) {
    constexpr std::array causes{EACCES, EINVAL,       EISDIR,  ELIBBAD, ELOOP,
                                ENOENT, ENAMETOOLONG, ENOEXEC, ENOTDIR};
    return std::find(causes.begin(), causes.end(), cause) != causes.end();
}

/// Where memory is shared with the supervisor, which waits: see vfork(2).
[[noreturn]] void become(const SupervisedProgram& program, volatile Failure& failure) {
    ::setpgid(0, 0);
    // A supervisor that is killed takes the program along.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    write_text("/proc/self/oom_score_adj", program.oom_score);
    ::signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    if (program.directory == nullptr || ::chdir(program.directory) == 0) {
        ::execve(program.path, program.argv, program.environment);
        if (errno == ENOEXEC) {
            ::execve("/bin/sh", program.shell_argv, program.environment);
        }
        failure.kind = lies_with_the_file(errno) ? Kind::unfit : Kind::failed;
    }
    failure.cause = errno;
    ::_exit(127);
}

/// The program's process, or -1.
pid_t start(const SupervisedProgram& program, volatile Failure& failure) {
    // Not fork: a copy of a large process would be made for an exec.
    const pid_t pid = ::vfork(); // NOLINT(clang-analyzer-security.insecureAPI.vfork)
    if (pid == 0) {
        become(program, failure);
    }
    if (pid < 0) {
        failure.cause = errno;
    }
    if (pid > 0 && failure.cause != 0) {
        ::waitpid(pid, nullptr, 0);
        return -1;
    }
    return pid;
}

/// Takes note of what has ended; false when nobody is left.
bool collect(Family& family) {
    for (;;) {
        int status = 0;
        const pid_t pid = ::waitpid(-1, &status, WNOHANG);
        if (pid == 0) {
            return true;
        }
        if (pid < 0 && errno == EINTR) {
            continue;
        }
        if (pid < 0) {
            return false;
        }
        if (pid == family.program) {
            family.program_ended = true;
            say(channel_number, Kind::ended, status);
        } else if (family.ending) {
            ++family.left;
        }
    }
}

/// Kills the children that we have now; how many could be. Their numbers cannot belong to others:
/// nobody but us can collect them.
int kill_children() {
    const int list = ::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    std::array<char, 4096> text{}; // those that do not fit are there in the next round
    const auto size = list < 0 ? 0 : ::read(list, text.data(), text.size());
    ::close(list);
    int killed = 0;
    pid_t pid = 0;
    for (ssize_t i = 0; i < size; ++i) {
        const char c = text[static_cast<std::size_t>(i)];
        if (c >= '0' && c <= '9') {
            pid = pid * 10 + (c - '0');
            continue;
        }
        killed += pid > 0 && ::kill(pid, SIGKILL) == 0 ? 1 : 0;
        pid = 0;
    }
    return killed;
}

time_t seconds_now() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/// Waits until a child has ended or the time is over.
void wait_for_child(int signals) {
    pollfd news{signals, POLLIN, 0};
    signalfd_siginfo info{};
    if (::poll(&news, 1, round_milliseconds) > 0) {
        static_cast<void>(!::read(signals, &info, sizeof info));
    }
}

/// Level by level: the children of what is killed become ours.
void end_all(Family& family, int signals) {
    if (!family.program_ended) {
        ::kill(-family.program, SIGKILL); // not collected yet, so that the number is its own
    }
    const auto limit = seconds_now() + end_limit_seconds;
    family.ending = true;
    while (collect(family) && seconds_now() < limit) {
        if (kill_children() == 0 && family.program_ended) {
            break; // not ours to kill
        }
        wait_for_child(signals);
    }
    if (family.left > 0) {
        say(channel_number, Kind::left, family.left);
    }
}

/// Until nobody is left, or the other side of the channel wants that.
void watch(Family& family, int signals) {
    while (collect(family)) {
        std::array<pollfd, 2> news{pollfd{signals, POLLIN, 0}, pollfd{channel_number, POLLIN, 0}};
        ::poll(news.data(), news.size(), -1);
        if (news[0].revents != 0) {
            signalfd_siginfo info{};
            static_cast<void>(!::read(signals, &info, sizeof info));
        }
        if (news[1].revents != 0) {
            end_all(family, signals);
            return;
        }
    }
}

[[noreturn]] void fail(int channel, Kind kind, int cause) {
    say(channel, kind, cause);
    ::_exit(127);
}

} // namespace

void supervise(const SupervisedProgram& program) noexcept {
    // None may end us; those of a terminal's keys go to other groups.
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
    ::signal(SIGCHLD, SIG_DFL); // ignored, no end would be told
    ::setpgid(0, 0);
    ::prctl(PR_SET_NAME, "lab-supervisor");
    if (!arrange({program.in, program.out, program.err, program.channel})) {
        fail(program.channel, Kind::failed, errno);
    }
    if (program.leftovers == Leftovers::end) {
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    }
    sigset_t ends;
    ::sigemptyset(&ends);
    ::sigaddset(&ends, SIGCHLD);
    const int signals = ::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0) {
        fail(channel_number, Kind::failed, errno);
    }
    Family family;
    volatile Failure failure;
    family.program = start(program, failure);
    if (family.program < 0) {
        fail(channel_number, failure.kind, failure.cause);
    }
    let_go_of_streams();
    watch(family, signals);
    ::_exit(0);
}

} // namespace lab
