// SPDX-License-Identifier: Apache-2.0
#include "base/process.h"

#include "base/argv.h"
#include "base/error.h"
#include "base/handle.h"
#include "base/kept_output.h"
#include "base/pipe.h"
#include "base/supervisor.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lab {
namespace {

using namespace std::chrono_literals;

/// Bounds one wait, so that a stop request is seen soon.
constexpr Duration poll_slice = 100ms;

/// How long a supervisor may take to end what runs.
constexpr Duration supervisor_limit = 10s;

/// How long output may stay open behind the program's end: in all, and without a byte.
constexpr Duration open_output_limit = 2s;
constexpr Duration silence_limit = 250ms;

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

/// 0 to 1000 for proc(5): when memory runs out, programs are to be ended rather than we.
std::string oom_score() {
    int ours = 0;
    std::ifstream("/proc/self/oom_score_adj") >> ours;
    return std::to_string(std::min(ours + 500, 1000));
}

/// A program under its supervisor (base/supervisor.h), as we see it.
class Supervised {
public:
    struct Streams {
        int in;
        int out;
        int err;
    };

    Supervised(const ProcessSpec& spec, const Streams& streams) : name_(spec.argv.at(0)) {
        const auto path = find_program(name_);
        if (!path) {
            throw Error(ErrorCode::not_found, name_ + ": no such program in PATH");
        }
        auto words = spec.argv;
        std::vector<std::string> of_shell{"sh", path->string()};
        of_shell.insert(of_shell.end(), words.begin() + 1, words.end());
        auto environment = merged_environment(spec);
        const auto argv = pointers_to(words);
        const auto shell_argv = pointers_to(of_shell);
        const auto envp = pointers_to(environment);
        const auto score = oom_score();
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
            throw errno_error("start", name_);
        }
        channel_ = FileDescriptor(ends[0]);
        const FileDescriptor theirs(ends[1]);
        const SupervisedProgram program{path->c_str(),
                                        argv.data(),
                                        shell_argv.data(),
                                        envp.data(),
                                        spec.directory ? spec.directory->c_str() : nullptr,
                                        score.c_str(),
                                        streams.in,
                                        streams.out,
                                        streams.err,
                                        theirs.get(),
                                        spec.leftovers};
        supervisor_ = ::fork();
        if (supervisor_ < 0) {
            throw errno_error("start", name_);
        }
        if (supervisor_ == 0) {
            supervise(program);
        }
    }

    Supervised(const Supervised&) = delete;
    Supervised& operator=(const Supervised&) = delete;

    ~Supervised() {
        const auto limit = end_what_runs();
        pollfd news{channel_.get(), POLLIN, 0};
        while (!gone_ && !limit.passed()) {
            if (::poll(&news, 1, static_cast<int>(limit.left().count())) > 0) {
                hear();
            }
        }
        ::kill(supervisor_, SIGKILL); // ours until it is collected
        while (::waitpid(supervisor_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    [[nodiscard]] int channel() const { return gone_ ? -1 : channel_.get(); }

    /// Whether the supervisor has ended, and with it all that it could end.
    [[nodiscard]] bool gone() const { return gone_; }

    /// Whether the program itself has ended.
    [[nodiscard]] bool ended() const { return status_.has_value(); }

    /// Takes one word. @throws Error  when the program could not be started.
    void listen() {
        hear();
        if (failure_ != 0) {
            errno = failure_;
            const auto error = errno_error("start", name_);
            if (unfit_) {
                throw UnfitProgram(error.code(), error.what());
            }
            throw error;
        }
        if (gone_ && !status_) {
            throw Error(ErrorCode::infra, name_ + ": its supervisor was killed");
        }
    }

    /// Has all that still runs killed; until when that should be done.
    Deadline end_what_runs() {
        if (!end_by_) {
            end_by_ = Deadline::in(supervisor_limit);
            ::shutdown(channel_.get(), SHUT_WR);
        }
        return *end_by_;
    }

    [[nodiscard]] int exit_code() const {
        const int status = status_.value_or(SIGKILL);
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }

    [[nodiscard]] unsigned left_behind() const { return left_behind_; }

private:
    void hear() {
        SupervisorWord word;
        const auto size = ::recv(channel_.get(), &word, sizeof word, 0);
        if (size < 0 && errno == EINTR) {
            return;
        }
        if (size != sizeof word) {
            gone_ = true;
            return;
        }
        switch (word.kind) {
        case SupervisorWord::Kind::failed:
        case SupervisorWord::Kind::unfit:
            unfit_ = word.kind == SupervisorWord::Kind::unfit;
            failure_ = word.value;
            break;
        case SupervisorWord::Kind::ended:
            status_ = word.value;
            break;
        case SupervisorWord::Kind::left:
            left_behind_ = static_cast<unsigned>(word.value);
            break;
        }
    }

    std::string name_;
    FileDescriptor channel_;
    pid_t supervisor_ = -1;
    int failure_ = 0;    ///< errno
    bool unfit_ = false; ///< it is the program's own fault
    std::optional<int> status_;
    unsigned left_behind_ = 0;
    bool gone_ = false;
    std::optional<Deadline> end_by_;
};

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

/// One of the two streams that a program writes.
struct ReadStream {
    FileDescriptor source;
    KeptOutput kept;
    std::array<std::function<void(std::string_view)>, 2> sinks;

    /// Reads what is there; the source is empty at its end.
    void read() {
        std::array<char, 65536> buffer{};
        const auto count = ::read(source.get(), buffer.data(), buffer.size());
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
            return;
        }
        if (count <= 0) {
            source.reset();
            return;
        }
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
        kept.add(bytes);
        for (const auto& sink : sinks) {
            if (sink) {
                sink(bytes);
            }
        }
    }
};

/// One run of a program: what it writes is read while it runs, and for a short while behind that.
class ProgramRun {
public:
    explicit ProgramRun(const ProcessSpec& spec) : ProgramRun(spec, make_pipe(), make_pipe()) {}

    ProcessResult finish(const ProcessSpec& spec, const std::stop_token& stop) {
        ProcessResult result;
        const auto deadline = Deadline::in(spec.timeout);
        while (!program_.ended() && !result.timed_out) {
            throw_if_stopped(stop);
            exchange(deadline);
            result.timed_out = deadline.passed() && !program_.ended();
        }
        if (!result.timed_out) {
            await_end_of_output(stop);
        }
        const bool held_open = out_.source || err_.source;
        await_supervisor();
        result.exit_code = program_.exit_code();
        result.left_behind = result.timed_out ? 0 : program_.left_behind();
        result.cut_short = held_open;
        result.out = out_.kept.text();
        result.err = err_.kept.text();
        result.left_out = {out_.kept.left_out() + err_.kept.left_out()};
        return result;
    }

private:
    ProgramRun(const ProcessSpec& spec, Pipe out, Pipe err)
        : out_{std::move(out.read_end),
               KeptOutput(spec.output_limit),
               {spec.on_stdout, spec.on_output}},
          err_{std::move(err.read_end), KeptOutput(spec.output_limit), {spec.on_output, nullptr}},
          file_(open_stdout_file(spec)), in_(open_input(spec.input)),
          program_(spec,
                   {in_.get(), file_ ? file_.get() : out.write_end.get(), err.write_end.get()}) {
        file_.reset();
        in_.reset();
    }

    /// Waits for bytes and words, not for long, and takes what came; true when that were bytes.
    bool exchange(const Deadline& deadline) {
        std::array<pollfd, 3> news{pollfd{out_.source.get(), POLLIN, 0},
                                   pollfd{err_.source.get(), POLLIN, 0},
                                   pollfd{program_.channel(), POLLIN, 0}};
        const auto wait = std::min<Duration>(deadline.left(), poll_slice);
        if (::poll(news.data(), news.size(), static_cast<int>(wait.count())) <= 0) {
            return false;
        }
        const bool bytes = news[0].revents != 0 || news[1].revents != 0;
        if (news[0].revents != 0) {
            out_.read();
        }
        if (news[1].revents != 0) {
            err_.read();
        }
        // Behind the bytes: what was written before the end is then read before it is known.
        if (news[2].revents != 0) {
            program_.listen();
        }
        return bytes;
    }

    /// The program has ended. What is still in the pipes is read, and what others write who end as
    /// well; but who holds them open for ever, as a compiler server does, is not waited for.
    void await_end_of_output(const std::stop_token& stop) {
        const auto limit = Deadline::in(open_output_limit);
        auto silence = Deadline::in(silence_limit);
        while ((out_.source || err_.source) && !limit.passed() && !silence.passed()) {
            throw_if_stopped(stop);
            if (exchange(silence)) {
                silence = Deadline::in(silence_limit);
            }
        }
    }

    /// Reads on: what is in the pipes when the last writer has been ended is output as well.
    void await_supervisor() {
        const auto limit = program_.end_what_runs();
        while (!program_.gone() && !limit.passed()) {
            exchange(limit);
        }
        const auto rest = Deadline::in(silence_limit);
        while ((out_.source || err_.source) && !rest.passed() && exchange(Deadline::in(0ms))) {
        }
    }

    ReadStream out_;
    ReadStream err_;
    FileDescriptor file_;
    FileDescriptor in_;
    Supervised program_;
};

} // namespace

ProcessResult run_process(const ProcessSpec& spec, const std::stop_token& stop) {
    return ProgramRun(spec).finish(spec, stop);
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
