// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "base/files.h"
#include "base/handle.h"
#include "base/process.h"
#include "base/text.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace lab {
namespace {

using namespace std::chrono_literals;

ProcessSpec command(std::vector<std::string> argv) {
    ProcessSpec spec;
    spec.argv = std::move(argv);
    return spec;
}

ProcessSpec shell(const std::string& script) {
    return command({"sh", "-c", script});
}

/// Code of the Error that a program's start or end throws.
template <class Action>
ErrorCode code_of(Action action) {
    try {
        static_cast<void>(action());
    } catch (const Error& error) {
        return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorCode::timed_out;
}

/// Whether a process is there and not a zombie.
bool is_alive(pid_t process) {
    std::string status;
    try {
        status = read_file("/proc/" + std::to_string(process) + "/stat");
    } catch (const Error&) {
        return false;
    }
    return status.find(") Z") == std::string::npos;
}

/// Waits for what another process does; its time is not ours to set.
template <class Condition>
bool comes_true(Condition condition) {
    const auto deadline = Deadline::in(10s);
    while (!condition()) {
        if (deadline.passed()) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

TEST(Process, KeepsBothStreamsAndTheExitCodeApart) {
    const auto result = run_process(shell("echo out; echo err >&2; exit 7"));

    EXPECT_EQ(result.exit_code, 7);
    EXPECT_EQ(result.out, "out\n");
    EXPECT_EQ(result.err, "err\n");
    EXPECT_FALSE(result.timed_out);
}

TEST(Process, TellsWhichSignalEndedIt) {
    EXPECT_EQ(run_process(shell("kill -TERM $$")).exit_code, 128 + SIGTERM);
}

TEST(Process, GetsItsWordsUnchanged) {
    const auto result = run_process(command({"printf", "%s|", "a b", "$HOME", "", "*"}));

    EXPECT_EQ(result.out, "a b|$HOME||*|");
}

TEST(Process, ReadsItsInputAtItsOwnPaceOrNotAtAll) {
    ProcessSpec spec;
    spec.argv = {"wc", "-c"};
    spec.input = std::string(1 << 20, 'x');
    EXPECT_EQ(run_process(spec).out, "1048576\n");
    spec.argv = {"true"};
    EXPECT_EQ(run_process(spec).exit_code, 0);
}

TEST(Process, ReadsNothingFromItsInput) {
    EXPECT_EQ(run_process(command({"cat"})).out, "");
}

TEST(Process, SeesEnvironmentAndDirectory) {
    auto spec = shell("printf '%s %s' \"$LAB_TEST_VALUE\" \"$PWD\"");
    spec.environment = {{"LAB_TEST_VALUE", "x=1"}};
    spec.directory = "/";

    EXPECT_EQ(run_process(spec).out, "x=1 /");
}

TEST(Process, ReplacesAVariableInsteadOfAddingIt) {
    auto spec = command({"env"});
    spec.environment = {{"PATH", "/nowhere"}};

    const auto result = run_process(spec);

    const auto lines = split(result.out, '\n');
    EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                            [](const std::string& line) { return line.starts_with("PATH="); }),
              1);
    EXPECT_THAT(lines, testing::Contains("PATH=/nowhere"));
}

TEST(Process, KeepsOutputUpToItsLimitAndShowsAllOfIt) {
    auto spec = shell("head -c 300000 /dev/zero; head -c 200000 /dev/zero >&2");
    spec.output_limit = {1000};
    std::size_t seen = 0;
    spec.on_output = [&](std::string_view bytes) {
        seen += bytes.size();
    };

    const auto result = run_process(spec);

    EXPECT_EQ(result.out,
              std::string(500, '\0') + "\n[... 292.0 KiB left out ...]\n" + std::string(500, '\0'));
    EXPECT_EQ(result.left_out, Bytes{498'000});
    EXPECT_EQ(seen, 500'000U);
}

TEST(Process, WritesItsOutputToAFile) {
    const TemporaryDirectory directory(std::filesystem::temp_directory_path(), "lab-test-");
    auto spec = shell("echo hello");
    spec.stdout_file = directory.path() / "out";

    const auto result = run_process(spec);

    EXPECT_EQ(result.out, "");
    EXPECT_EQ(read_file(directory.path() / "out"), "hello\n");
}

TEST(Process, IsKilledWithItsWholeGroupAtItsTimeout) {
    auto spec = shell("sleep 1000 & echo $!; wait");
    spec.timeout = 200ms;

    const auto result = run_process(spec);

    EXPECT_TRUE(result.timed_out);
    EXPECT_EQ(result.exit_code, 128 + SIGKILL);
    const pid_t grandchild = std::stoi(result.out);
    EXPECT_TRUE(comes_true([&] { return !is_alive(grandchild); }));
}

TEST(Process, ThatClosesItsOutputStillHasATimeout) {
    auto spec = shell("exec >&- 2>&-; sleep 30");
    spec.timeout = 200ms;

    const auto result = run_process(spec);

    EXPECT_TRUE(result.timed_out);
}

TEST(Process, TellsItsTwoStreamsApart) {
    auto spec = shell("echo out; echo err >&2");
    std::string seen;
    spec.on_stdout = [&](std::string_view bytes) {
        seen += bytes;
    };

    static_cast<void>(run_process(spec));

    EXPECT_EQ(seen, "out\n");
}

/// A program that leaves a helper which holds its output open.
class Helper : public testing::TestWithParam<const char*> {};

TEST_P(Helper, IsEndedWithItsProgramAndNotWaitedFor) {
    auto spec = shell(std::string(GetParam()) + " sh -c 'echo $$; exec sleep 1000' & "
                                                "while [ ! -s helper ]; do :; done; exit 7");
    const TemporaryDirectory directory(std::filesystem::temp_directory_path(), "lab-test-");
    spec.directory = directory.path();
    std::string seen;
    spec.on_output = [&](std::string_view bytes) {
        seen += bytes;
        write_file(directory.path() / "helper", seen);
    };

    const auto result = run_process(spec);

    EXPECT_FALSE(result.timed_out);
    EXPECT_EQ(result.exit_code, 7);
    EXPECT_GE(result.left_behind, 1U);
    EXPECT_TRUE(result.cut_short);
    EXPECT_FALSE(is_alive(std::stoi(result.out)));
}

INSTANTIATE_TEST_SUITE_P(Ways, Helper,
                         testing::Values("", "setsid", "env -i setsid",
                                         "env -i setsid setsid --fork", "nohup"));

TEST(Process, ThatLeavesAHelperWhichWritesForEverHasEnded) {
    const auto result = run_process(shell("yes & echo done; exit 3"));

    EXPECT_FALSE(result.timed_out);
    EXPECT_EQ(result.exit_code, 3);
}

TEST(Process, HasItsOutputReadThatOthersWriteWhoEndAsWell) {
    const auto result = run_process(shell("{ sleep 0.1; echo late; } & exit 0"));

    EXPECT_EQ(result.out, "late\n");
    EXPECT_FALSE(result.cut_short);
}

TEST(Process, MayLeaveBehindWhatIsToBeKept) {
    auto spec = shell("setsid sleep 1000 >/dev/null 2>&1 & echo $!");
    spec.leftovers = Leftovers::keep;

    const auto helper = static_cast<pid_t>(std::stoi(run_process(spec).out));

    EXPECT_TRUE(is_alive(helper));
    ::kill(helper, SIGKILL);
}

TEST(Process, IsKilledWithAllBelowItAtItsTimeout) {
    auto spec = shell("env -i setsid sh -c 'echo $$; exec sleep 1000' & sleep 1000");
    spec.timeout = 500ms;

    const auto result = run_process(spec);

    EXPECT_TRUE(result.timed_out);
    EXPECT_FALSE(is_alive(std::stoi(result.out)));
}

TEST(Process, EndsWithAllBelowItWhenWeAreKilled) {
    const TemporaryDirectory directory(std::filesystem::temp_directory_path(), "lab-test-");
    const auto file = directory.path() / "pids";
    const pid_t owner = ::fork();
    if (owner == 0) {
        auto spec = shell("env -i setsid sh -c 'echo $$ >> pids; exec sleep 1000' & "
                          "echo $$ >> pids; exec sleep 1000");
        spec.directory = directory.path();
        static_cast<void>(run_process(spec));
        ::_exit(0);
    }
    std::vector<std::string> pids;
    ASSERT_TRUE(comes_true([&] {
        if (std::filesystem::exists(file)) {
            pids = split(read_file(file), '\n');
        }
        return pids.size() == 3;
    }));

    ::kill(owner, SIGKILL);
    ::waitpid(owner, nullptr, 0);

    for (const auto& pid : {pids[0], pids[1]}) {
        EXPECT_TRUE(comes_true([&] { return !is_alive(std::stoi(pid)); })) << pid;
    }
}

TEST(Process, GetsNoneOfOurDescriptors) {
    const FileDescriptor ours(::open("/dev/null", O_RDONLY)); // NOLINT: as a library may do it
    const FileDescriptor far(::fcntl(ours.get(), F_DUPFD, 200));

    const auto result = run_process(shell("ls /proc/$$/fd; :"));

    EXPECT_EQ(result.out, "0\n1\n2\n");
}

TEST(Process, IsRatherEndedThanWeWhenMemoryRunsOut) {
    const auto ours = std::stoi(read_file("/proc/self/oom_score_adj"));

    const auto result = run_process(command({"cat", "/proc/self/oom_score_adj"}));

    EXPECT_EQ(std::stoi(result.out), std::min(ours + 500, 1000));
}

TEST(Process, EndsWhenItIsStopped) {
    std::stop_source stop;
    auto spec = shell("echo $$; sleep 1000");
    pid_t child = 0;
    spec.on_output = [&](std::string_view bytes) {
        child = std::stoi(std::string(bytes));
        stop.request_stop();
    };

    EXPECT_THROW(static_cast<void>(run_process(spec, stop.get_token())), Cancelled);

    EXPECT_GT(child, 0);
    EXPECT_FALSE(is_alive(child));
}

TEST(Process, ThatCannotBeStartedIsAnError) {
    EXPECT_EQ(code_of([] { return run_process(command({"no-such-program-of-lab"})); }),
              ErrorCode::not_found);
    EXPECT_EQ(code_of([] { return run_process(command({"/etc"})); }), ErrorCode::infra);
    auto spec = command({"true"});
    spec.directory = "/no/such/directory";
    EXPECT_EQ(code_of([&] { return run_process(spec); }), ErrorCode::not_found);
}

TEST(Process, ThatNamesNoInterpreterIsAShellScript) {
    const TemporaryDirectory directory(std::filesystem::temp_directory_path(), "lab-process-");
    const auto script = directory.path() / "script";
    write_file(script, "echo $0 $1\nexit 3\n");
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);

    const auto result = run_process(command({script.string(), "two words"}));

    EXPECT_EQ(result.exit_code, 3);
    EXPECT_EQ(result.out, script.string() + " two words\n");
}

TEST(Process, ThatIsUnfitIsToldFromATroubleOfTheHost) {
    const TemporaryDirectory directory(std::filesystem::temp_directory_path(), "lab-process-");
    const auto script = directory.path() / "script";
    write_file(script, "#!/no/such/interpreter\n");
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    auto elsewhere = command({"true"});
    elsewhere.directory = directory.path() / "nowhere";

    EXPECT_THROW(static_cast<void>(run_process(command({script.string()}))), UnfitProgram);
    try {
        static_cast<void>(run_process(elsewhere));
        FAIL() << "nothing was thrown";
    } catch (const UnfitProgram&) {
        FAIL() << "the directory is no fault of the program";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::not_found);
    }
}

TEST(CheckedProcess, QuotesWhatWentWrong) {
    try {
        run_process_checked(shell("printf 'no disk\\033[2J\\n' >&2; exit 3"));
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::infra);
        EXPECT_STREQ(error.what(), "sh: exit code 3: no disk\\x1b[2J");
    }
}

TEST(FindProgram, LooksInThePath) {
    EXPECT_TRUE(find_program("sh"));
    EXPECT_EQ(find_program("/bin/sh"), "/bin/sh");
    EXPECT_EQ(find_program("no-such-program-of-lab"), std::nullopt);
}

} // namespace
} // namespace lab
