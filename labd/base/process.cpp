// SPDX-License-Identifier: Apache-2.0
#include "base/process.h"

#include "base/argv.h"
#include "base/error.h"
#include "base/handle.h"
#include "base/pipe.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lab {
namespace {

std::vector<std::string> merged_environment(const ProcessSpec& spec) {
    std::vector<std::string> merged;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto name = text.substr(0, text.find('='));
        const bool replaced = std::any_of(spec.environment.begin(), spec.environment.end(),
                                          [&](const auto& pair) { return pair.first == name; });
        if (!replaced) {
            merged.emplace_back(text);
        }
    }
    for (const auto& [name, value] : spec.environment) {
        merged.push_back(name + "=" + value);
    }
    return merged;
}

/// What ends a wait early.
struct Patience {
    Deadline deadline;
    std::stop_token stop;

    /// Milliseconds for one poll: bounded, so that a stop request is seen soon.
    [[nodiscard]] int slice() const {
        return static_cast<int>(std::min<long long>(deadline.left().count(), 100));
    }
};

/// What the child needs, all made before fork: after it only async-signal-safe calls are allowed.
struct ChildPlan {
    const char* program;
    char* const* argv;
    char* const* envp;
    const char* directory;
    int in, out, err, report;
};

[[noreturn]] void become(const ChildPlan& plan) {
    ::setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::dup2(plan.in, STDIN_FILENO);
    ::dup2(plan.out, STDOUT_FILENO);
    ::dup2(plan.err, STDERR_FILENO);
    if (plan.directory == nullptr || ::chdir(plan.directory) == 0) {
        ::execve(plan.program, plan.argv, plan.envp);
    }
    const int cause = errno;
    static_cast<void>(!::write(plan.report, &cause, sizeof cause));
    ::_exit(127);
}

/// All of the input at once, in memory: the child may read it at its own pace or not at all.
FileDescriptor open_input(const std::string& input) {
    FileDescriptor in(input.empty() ? ::open("/dev/null", O_RDONLY | O_CLOEXEC)
                                    : ::memfd_create("input", MFD_CLOEXEC));
    if (!in) {
        throw errno_error("create", "standard input");
    }
    for (std::string_view rest = input; !rest.empty();) {
        const auto count = ::write(in.get(), rest.data(), rest.size());
        if (count < 0 && errno != EINTR) {
            throw errno_error("write", "standard input");
        }
        rest.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    if (!input.empty() && ::lseek(in.get(), 0, SEEK_SET) != 0) {
        throw errno_error("rewind", "standard input");
    }
    return in;
}

class Child {
public:
    Child(const ProcessSpec& spec, int out, int err) {
        const auto program = find_program(spec.argv.at(0));
        if (!program) {
            throw Error(ErrorCode::not_found, spec.argv.at(0) + ": no such program in PATH");
        }
        auto words = spec.argv;
        auto environment = merged_environment(spec);
        const auto argv = pointers_to(words);
        const auto envp = pointers_to(environment);
        const auto in = open_input(spec.input);
        auto report = make_pipe();
        const ChildPlan plan{program->c_str(),
                             argv.data(),
                             envp.data(),
                             spec.directory ? spec.directory->c_str() : nullptr,
                             in.get(),
                             out,
                             err,
                             report.write_end.get()};
        pid_ = ::fork();
        if (pid_ < 0) {
            throw errno_error("start", spec.argv.at(0));
        }
        if (pid_ == 0) {
            become(plan);
        }
        ::setpgid(pid_, pid_);
        report.write_end.reset();
        int cause = 0;
        if (::read(report.read_end.get(), &cause, sizeof cause) == sizeof cause) {
            static_cast<void>(wait());
            errno = cause;
            throw errno_error("start", spec.argv.at(0));
        }
    }

    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    ~Child() {
        if (!reaped_) {
            kill_group();
            static_cast<void>(wait());
        }
    }

    void kill_group() const { ::kill(-pid_, SIGKILL); }

    /// Waits for its end without reaping it; false when the deadline passed first.
    [[nodiscard]] bool ends_within(const Patience& patience) const {
        // By number: the declaration in glibc 2.36's header lacks C linkage.
        const FileDescriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
        if (!handle) {
            throw errno_error("watch", "process " + std::to_string(pid_));
        }
        for (;;) {
            throw_if_stopped(patience.stop);
            pollfd fd{handle.get(), POLLIN, 0};
            if (::poll(&fd, 1, patience.slice()) > 0) {
                return true;
            }
            if (patience.deadline.passed()) {
                return false;
            }
        }
    }

    [[nodiscard]] int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        reaped_ = true;
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }

private:
    pid_t pid_ = -1;
    bool reaped_ = false;
};

/// Reads what is there; false at the end of the stream.
bool drain(FileDescriptor& source, std::string& sink, const ProcessSpec& spec) {
    std::array<char, 16384> buffer{};
    const auto count = ::read(source.get(), buffer.data(), buffer.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
        return true;
    }
    if (count <= 0) {
        source.reset();
        return false;
    }
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    const auto room =
        spec.output_limit.count - std::min<std::uint64_t>(spec.output_limit.count, sink.size());
    sink += bytes.substr(0, room);
    if (spec.on_output) {
        spec.on_output(bytes);
    }
    return true;
}

FileDescriptor open_stdout_file(const ProcessSpec& spec) {
    if (!spec.stdout_file) {
        return {};
    }
    FileDescriptor file(
        ::open(spec.stdout_file->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file) {
        throw errno_error("create", spec.stdout_file->string());
    }
    return file;
}

/// Collects output until both streams end; true when the deadline passed first.
bool collect(FileDescriptor& out, FileDescriptor& err, const ProcessSpec& spec,
             ProcessResult& result, const Patience& patience) {
    while (out || err) {
        throw_if_stopped(patience.stop);
        if (patience.deadline.passed()) {
            return true;
        }
        std::array<pollfd, 2> fds{pollfd{out.get(), POLLIN, 0}, pollfd{err.get(), POLLIN, 0}};
        if (::poll(fds.data(), fds.size(), patience.slice()) <= 0) {
            continue;
        }
        if (out && fds[0].revents != 0) {
            drain(out, result.out, spec);
        }
        if (err && fds[1].revents != 0) {
            drain(err, result.err, spec);
        }
    }
    return false;
}

} // namespace

ProcessResult run_process(const ProcessSpec& spec, const std::stop_token& stop) {
    auto out = make_pipe();
    auto err = make_pipe();
    auto file = open_stdout_file(spec);
    Child child(spec, file ? file.get() : out.write_end.get(), err.write_end.get());
    out.write_end.reset();
    err.write_end.reset();
    file.reset();
    ProcessResult result;
    const Patience patience{Deadline::in(spec.timeout), stop};
    // A program may close its output and run on.
    result.timed_out =
        collect(out.read_end, err.read_end, spec, result, patience) || !child.ends_within(patience);
    if (result.timed_out) {
        child.kill_group();
    }
    result.exit_code = child.wait();
    return result;
}

ProcessResult run_process_checked(const ProcessSpec& spec, const std::stop_token& stop) {
    auto result = run_process(spec, stop);
    if (result.timed_out) {
        throw Error(ErrorCode::infra,
                    spec.argv.at(0) + ": no end within " + format_duration(spec.timeout));
    }
    if (result.exit_code != 0) {
        throw Error(ErrorCode::infra, spec.argv.at(0) + ": exit code " +
                                          std::to_string(result.exit_code) + ": " +
                                          cap(escape_for_terminal(trim(result.err)), 2000));
    }
    return result;
}

std::optional<std::filesystem::path> find_program(std::string_view name,
                                                  std::string_view search_path) {
    if (name.find('/') != std::string_view::npos) {
        return std::filesystem::path(name);
    }
    const char* const ours = std::getenv("PATH");
    const std::string path = !search_path.empty() ? std::string(search_path)
                             : ours != nullptr    ? ours
                                                  : "/usr/bin:/bin";
    for (const auto& directory : split(path, ':')) {
        auto candidate = std::filesystem::path(directory) / name;
        if (::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
    }
    // Administration tools live here and are often missing from a user's PATH.
    for (const auto* directory : {"/usr/sbin", "/sbin"}) {
        auto candidate = std::filesystem::path(directory) / name;
        if (::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
    }
    return std::nullopt;
}

} // namespace lab
