// SPDX-License-Identifier: Apache-2.0
// What only real guests show.
#include "tests/contract/libvirt/owner_process.h"
#include "tests/contract/libvirt/subjects.h"

#include <csignal>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lab::test {
namespace {

using ports::MachineState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A program that runs until it is killed.
class Spawned {
public:
    explicit Spawned(std::vector<std::string> words) {
        std::vector<char*> argv;
        for (auto& word : words) {
            argv.push_back(word.data());
        }
        argv.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::execvp(argv[0], argv.data());
            ::_exit(127);
        }
    }

    Spawned(const Spawned&) = delete;
    Spawned& operator=(const Spawned&) = delete;
    ~Spawned() { kill(); }

    void kill() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
            pid_ = -1;
        }
    }

private:
    pid_t pid_ = -1;
};

/// Another process that owns the hypervisor of a directory, with one guest running.
class OtherOwner {
public:
    explicit OtherOwner(const std::filesystem::path& directory) : process_(words_for(directory)) {
        if (!eventually([&] { return std::filesystem::exists(directory / "owned"); })) {
            throw Error(ErrorCode::infra, "the other owner did not start");
        }
    }

    void kill() { process_.kill(); }

private:
    static std::vector<std::string> words_for(const std::filesystem::path& directory) {
        std::vector<std::string> words{"env",
                                       std::string(owner_directory) + "=" + directory.string()};
        const auto program = owner_words("StartsAGuestAndWaits");
        words.insert(words.end(), program.begin(), program.end());
        return words;
    }

    Spawned process_;
};

/// How many QEMUs have files below a directory; zombies have no words any more.
int qemus_of(const std::filesystem::path& directory) {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        std::ifstream file(entry.path() / "cmdline");
        const std::string line{std::istreambuf_iterator<char>(file), {}};
        count += line.find("qemu-system-") != std::string::npos &&
                         line.find(directory.string() + "/") != std::string::npos
                     ? 1
                     : 0;
    }
    return count;
}

TEST(OwnerProcess, DISABLED_StartsAGuestAndWaits) {
    const auto directory = directory_of_owner();
    if (directory.empty()) {
        GTEST_SKIP() << "runs only inside another test";
    }
    share_capability_cache(directory);
    const auto hypervisor = make_libvirt_hypervisor({"", directory, Accelerator::tcg});
    const auto spec = tiny_spec(directory, "survivor");
    hypervisor->start(spec);
    write_file(directory / "owned", spec.uuid);
    ::pause();
}

TEST(OwnerProcess, DISABLED_FindsTheGuestAndEndsIt) {
    const auto directory = directory_of_owner();
    if (directory.empty()) {
        GTEST_SKIP() << "runs only inside another test";
    }
    const auto uuid = read_file(directory / "owned");
    const auto hypervisor = make_libvirt_hypervisor({"", directory, Accelerator::tcg, {{uuid}}});
    EXPECT_THAT(hypervisor->list(), ElementsAre(uuid));
    EXPECT_EQ(hypervisor->state(uuid), MachineState::running);
    EXPECT_GE(hypervisor->forward_port(uuid, 22), 1024);
    hypervisor->destroy(uuid);
    EXPECT_EQ(hypervisor->state(uuid), MachineState::gone);
}

TEST(OwnerProcess, DISABLED_KeepsNoGuest) {
    const auto directory = directory_of_owner();
    if (directory.empty()) {
        GTEST_SKIP() << "runs only inside another test";
    }
    const auto hypervisor = make_libvirt_hypervisor({"", directory, Accelerator::tcg, {{}}});
    EXPECT_THAT(hypervisor->list(), IsEmpty());
}

TEST(OwnerProcess, DISABLED_IsRefused) {
    const auto directory = directory_of_owner();
    if (directory.empty()) {
        GTEST_SKIP() << "runs only inside another test";
    }
    try {
        static_cast<void>(make_libvirt_hypervisor({"", directory, Accelerator::tcg}));
        FAIL() << "two owners on one state directory";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::conflict) << error.what();
        EXPECT_THAT(error.hint(), HasSubstr("Another labd"));
    }
}

TEST(EmbeddedHypervisor, GuestsSurviveTheKilledOwner) {
    const TemporaryDirectory directory("/tmp", "lab-");
    OtherOwner owner(directory.path());

    owner.kill();
    const auto next = run_owner("FindsTheGuestAndEndsIt", directory.path());

    EXPECT_EQ(next.exit_code, 0) << next.out;
    EXPECT_THAT(next.out, HasSubstr("1 test from 1 test suite ran"));
}

TEST(EmbeddedHypervisor, LeftoversAreEndedAndForgotten) {
    const TemporaryDirectory directory("/tmp", "lab-");
    OtherOwner owner(directory.path());
    // A second one that libvirt knows nothing about, as its probes of QEMU's capabilities are.
    const auto socket = directory.path() / "e" / "lib" / "qemu" / "qmp-PROBE" / "qmp.sock";
    const Spawned probe({"qemu-system-x86_64", "-S", "-machine", "none", "-nodefaults", "-display",
                         "none", "-name", socket.string()});
    ASSERT_TRUE(eventually([&] { return qemus_of(directory.path()) == 2; }));

    owner.kill();
    const auto next = run_owner("KeepsNoGuest", directory.path());

    EXPECT_EQ(next.exit_code, 0) << next.out;
    EXPECT_THAT(next.out, HasSubstr("1 test from 1 test suite ran"));
    EXPECT_EQ(qemus_of(directory.path()), 0);
}

TEST(EmbeddedHypervisor, SecondOwnerIsRefused) {
    EmbeddedSubject owner;

    const auto second = run_owner("IsRefused", EmbeddedSubject::directory());

    EXPECT_EQ(second.exit_code, 0) << second.out;
    EXPECT_THAT(second.out, HasSubstr("1 test from 1 test suite ran"));
}

TEST(EmbeddedHypervisor, ConsoleGoesToTheLogWithAndWithoutAClient) {
    EmbeddedSubject subject;
    const auto spec = subject.spec("console");

    subject.hypervisor().start(spec);
    const bool alone = eventually([&] { return console_log(spec) == tiny_mark; });
    {
        const auto console = connect_console(spec);
        ASSERT_EQ(::write(console.get(), "hello\n", 6), 6);
        std::string echoed;
        while (echoed.size() < 6) {
            std::array<char, 16> buffer{};
            pollfd wait{console.get(), POLLIN, 0};
            ASSERT_EQ(::poll(&wait, 1, 20'000), 1);
            const auto count = ::read(console.get(), buffer.data(), buffer.size());
            ASSERT_GT(count, 0);
            echoed.append(buffer.data(), static_cast<std::size_t>(count));
        }
        EXPECT_EQ(echoed, "hello\n");
    }

    EXPECT_TRUE(alone) << console_log(spec);
    // QEMU writes to the client first, then to the log.
    const auto all = std::string(tiny_mark) + "hello\n";
    EXPECT_TRUE(eventually([&] { return console_log(spec) == all; })) << console_log(spec);
}

TEST(EmbeddedHypervisor, ConsoleLogThatWasCutGoesOnAtItsEnd) {
    EmbeddedSubject subject;
    const auto spec = subject.spec("cut");
    subject.hypervisor().start(spec);
    ASSERT_TRUE(eventually([&] { return console_log(spec) == tiny_mark; })) << console_log(spec);

    std::filesystem::resize_file(spec.console_log, 0);
    const auto console = connect_console(spec);
    ASSERT_EQ(::write(console.get(), "hello\n", 6), 6);

    // A writer that does not append would leave a hole of the old length.
    EXPECT_TRUE(eventually([&] { return console_log(spec) == "hello\n"; })) << console_log(spec);
}

TEST(EmbeddedHypervisor, NoFileGrowsBeyondTheLargest) {
    EmbeddedSubject subject;
    auto spec = subject.spec("flood");
    spec.largest_file = Bytes{tiny_mark.size() + 1000};
    subject.hypervisor().start(spec);
    ASSERT_TRUE(eventually([&] { return console_log(spec) == tiny_mark; })) << console_log(spec);

    // The guest sends back what it gets, and so makes its log grow.
    const auto console = connect_console(spec);
    std::size_t echoed = 0;
    const bool said_enough = eventually([&] {
        static_cast<void>(::send(console.get(), "0123456789", 10, MSG_DONTWAIT | MSG_NOSIGNAL));
        std::array<char, 4096> echo{};
        const auto count = ::recv(console.get(), echo.data(), echo.size(), MSG_DONTWAIT);
        echoed += count > 0 ? static_cast<std::size_t>(count) : 0;
        return echoed > 2000;
    });

    EXPECT_TRUE(said_enough) << echoed;
    EXPECT_EQ(std::filesystem::file_size(spec.console_log), spec.largest_file->count);
}

TEST(EmbeddedHypervisor, TwoGuestsReadOneDiskAndOnlyOneWritesOne) {
    EmbeddedSubject subject;
    auto first = subject.spec("reader-1");
    auto second = subject.spec("reader-2");
    auto writer = subject.spec("writer");
    const auto shared = first.disks[0].path;
    first.disks[0].access = ports::DiskAccess::read_only;
    second.disks[0] = first.disks[0];
    second.disks[0].cache = ports::DiskCache::durable;
    writer.disks[0].path = shared;

    subject.hypervisor().start(first);
    subject.hypervisor().start(second);

    EXPECT_TRUE(eventually([&] { return console_log(second) == tiny_mark; }));
    try {
        subject.hypervisor().start(writer);
        FAIL() << "a disk that others read was opened for writing";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::conflict) << error.what();
    }
}

TEST(EmbeddedHypervisor, RefusesALongSocketPathWithTheNumbers) {
    EmbeddedSubject subject;
    auto spec = subject.spec("long");
    spec.console_socket = "/tmp/" + std::string(103, 'x');

    try {
        subject.hypervisor().start(spec);
        FAIL() << "108 bytes were accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_input);
        EXPECT_THAT(error.what(), HasSubstr("has 108 bytes (at most 107)"));
    }
}

TEST(EmbeddedHypervisor, RefusesALongStateDirectoryWithTheNumbers) {
    try {
        static_cast<void>(
            make_libvirt_hypervisor({"", "/tmp/" + std::string(45, 'x'), Accelerator::tcg}));
        FAIL() << "52 bytes were accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_input);
        EXPECT_THAT(error.what(), HasSubstr("has 52 bytes (at most 51"));
    }
}

} // namespace
} // namespace lab::test
