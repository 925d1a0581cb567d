// SPDX-License-Identifier: Apache-2.0
#include "cli/run_command.h"

#include "base/argv.h"
#include "base/error.h"
#include "base/handle.h"
#include "base/pipe.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <re2/re2.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lab::cli {
namespace {

constexpr long most_tail = 16384;

/// What SIGPIPE did when we were started; systemd's services have it ignored.
sighandler_t broken_pipe_before = SIG_DFL;

/// While it lives, signals wait for us instead of ending us. What the command inherits is kept.
class HeldSignals {
public:
    HeldSignals() {
        sigset_t held;
        sigemptyset(&held);
        for (const int number : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD}) {
            sigaddset(&held, number);
        }
        held_ = held;
        ::sigprocmask(SIG_BLOCK, &held_, &before_);
        struct sigaction usual {};
        usual.sa_handler = SIG_DFL;
        // Ignored, the end of a child would not be told.
        ::sigaction(SIGCHLD, &usual, &child_before_);
    }

    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;

    ~HeldSignals() {
        const timespec now{};
        while (::sigtimedwait(&held_, nullptr, &now) > 0) {
        }
        restore();
    }

    /// Async-signal-safe, for the child.
    void restore() const {
        ::sigaction(SIGCHLD, &child_before_, nullptr);
        ::sigprocmask(SIG_SETMASK, &before_, nullptr);
    }

    [[nodiscard]] siginfo_t next() const {
        siginfo_t info{};
        while (::sigwaitinfo(&held_, &info) < 0 && errno == EINTR) {
        }
        return info;
    }

private:
    sigset_t held_{};
    sigset_t before_{};
    struct sigaction child_before_ {};
};

[[noreturn]] void become_command(char* const* argv, const HeldSignals& signals, int report) {
    ::signal(SIGPIPE, broken_pipe_before);
    signals.restore();
    ::execvp(argv[0], argv);
    const int cause = errno;
    static_cast<void>(!::write(report, &cause, sizeof cause));
    ::_exit(127);
}

/// The command's process, or why it does not run (errno).
struct StartedCommand {
    pid_t pid = -1;
    int cause = 0;
};

StartedCommand start(const std::vector<std::string>& argv, const HeldSignals& signals) {
    auto words = argv;
    auto pointers = pointers_to(words);
    auto [read_end, write_end] = make_pipe();
    const pid_t pid = ::fork();
    if (pid < 0) {
        throw errno_error("start", argv.front());
    }
    if (pid == 0) {
        become_command(pointers.data(), signals, write_end.get());
    }
    write_end.reset();
    int cause = 0;
    ssize_t count = 0;
    while ((count = ::read(read_end.get(), &cause, sizeof cause)) < 0 && errno == EINTR) {
    }
    if (count == sizeof cause) {
        static_cast<void>(::waitpid(pid, nullptr, 0));
        return {-1, cause};
    }
    return {pid, 0};
}

/// Waits for the end and passes signals on. Those of the terminal's keys (sent by the kernel) go to
/// the whole foreground group, so the command has them already.
int await_end(pid_t pid, const HeldSignals& signals) {
    for (;;) {
        const auto info = signals.next();
        if (info.si_signo != SIGCHLD) {
            if (info.si_code != SI_KERNEL) {
                ::kill(pid, info.si_signo);
            }
            continue;
        }
        int status = 0;
        if (::waitpid(pid, &status, WNOHANG) == pid) {
            return status;
        }
    }
}

} // namespace

void ignore_broken_pipes() {
    broken_pipe_before = ::signal(SIGPIPE, SIG_IGN);
}

CommandEnd run_command(const std::vector<std::string>& argv) {
    const HeldSignals signals;
    const auto started = std::chrono::steady_clock::now();
    const auto child = start(argv, signals);
    CommandEnd end;
    if (child.cause != 0) {
        end.exit_code = child.cause == ENOENT ? 127 : 126;
        errno = child.cause;
        end.failure = errno_error("run", argv.front()).what();
        return end;
    }
    const auto status = await_end(child.pid, signals);
    end.duration = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started);
    if (WIFSIGNALED(status)) {
        end.signal = WTERMSIG(status);
        end.exit_code = 128 + *end.signal;
    } else {
        end.exit_code = WEXITSTATUS(status);
    }
    return end;
}

OutputTail::OutputTail() : error_(stream(STDERR_FILENO)), output_(stream(STDOUT_FILENO)) {}

OutputTail::Stream OutputTail::stream(int descriptor) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        return {descriptor, std::nullopt};
    }
    const bool appends = (::fcntl(descriptor, F_GETFL) & O_APPEND) != 0;
    const auto place = ::lseek(descriptor, 0, SEEK_CUR);
    return {descriptor, appends || place < 0 ? status.st_size : place};
}

std::string OutputTail::read() const {
    for (const auto& each : {error_, output_}) {
        // Ours may be open for writing only, and its place is the command's.
        const auto path = "/proc/self/fd/" + std::to_string(each.descriptor);
        const FileDescriptor file(each.start ? ::open(path.c_str(), O_RDONLY | O_CLOEXEC) : -1);
        struct stat status {};
        if (!file || ::fstat(file.get(), &status) != 0) {
            continue;
        }
        const auto start = std::max(*each.start, status.st_size - most_tail);
        std::string text(static_cast<std::size_t>(std::max(status.st_size - start, 0L)), '\0');
        const auto count = ::pread(file.get(), text.data(), text.size(), start);
        text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        auto lines = last_lines(without_terminal_sequences(text), 10);
        if (!lines.empty()) {
            return lines;
        }
    }
    return {};
}

std::string without_terminal_sequences(const std::string& text) {
    static const RE2 sequence("\x1B(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1B]*(?:\x07|\x1B\\\\))",
                              RE2::Latin1);
    auto bare = text;
    RE2::GlobalReplace(&bare, sequence, "");
    return bare;
}

std::string last_lines(const std::string& text, std::size_t count) {
    auto end = text.size();
    while (end > 0 && (text[end - 1] == '\n' || text[end - 1] == '\r')) {
        --end;
    }
    auto start = end;
    for (; start > 0; --start) {
        if (text[start - 1] == '\n' && --count == 0) {
            break;
        }
    }
    return text.substr(start, end - start);
}

} // namespace lab::cli
