// SPDX-License-Identifier: Apache-2.0
// The scripts for FreeBSD, run by this host's shell in a /boot of their own, between programs that
// note how they are called: there is no FreeBSD here.
#include "base/files.h"
#include "base/process.h"
#include "base/text.h"
#include "engine/suts/system_scripts.h"
#include "engine/workshop.h"

#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace lab::engine {
namespace {

constexpr const char* in_a_boot_of_its_own = R"sh(
set -e
mount -t tmpfs none /boot
mkdir -p /boot/kernel "$WORK/incoming/lib/modules/x"
printf 'ELF\0@(#)FreeBSD 14.1-RELEASE releng/14.1 GENERIC\0' > "$WORK/incoming/kernel"
echo module > "$WORK/incoming/lib/modules/x/pebble.ko"
tar -C "$WORK/incoming" -cf "$WORK/incoming/modules" lib
PATH="$WORK/programs:$PATH" sh -s
echo "--"
find /boot -type f | sort
cat "$WORK/calls"
)sh";

class FreeBsdScripts : public testing::Test {
protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "needs root, for a /boot of its own";
        }
        std::filesystem::create_directory(programs());
        program("uname", "echo FreeBSD");
        program("sysctl", "echo /boot/kernel/kernel");
        for (const auto* name : {"nextboot", "kldxref", "shutdown"}) {
            program(name, "echo \"" + std::string(name) + " $*\" >> " + calls().string());
        }
        std::ofstream(calls()).close();
    }

    [[nodiscard]] std::filesystem::path programs() const { return work_.path() / "programs"; }
    [[nodiscard]] std::filesystem::path calls() const { return work_.path() / "calls"; }

    void program(const std::string& name, const std::string& text) const {
        const auto file = programs() / name;
        std::ofstream(file) << "#!/bin/sh\n" << text << "\n";
        std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    }

    /// What the script printed; behind "--" the files of /boot and the programs it called.
    [[nodiscard]] std::string run(const std::string& script,
                                  std::map<std::string, std::string> environment) const {
        environment["LAB_KEY"] = "k1";
        environment["LAB_INCOMING"] = (work_.path() / "incoming").string();
        ProcessSpec process;
        process.argv = {"unshare", "-m", "sh", "-c", in_a_boot_of_its_own};
        process.environment = {{"WORK", work_.path().string()}};
        process.input = command_of({{"script", script}, std::move(environment)}).standard_input;
        const auto result = run_process(process);
        EXPECT_EQ(result.exit_code, 0) << result.err;
        return result.out;
    }

    TemporaryDirectory work_{std::filesystem::temp_directory_path(), "freebsd-"};
};

TEST_F(FreeBsdScripts, PutAKernelAndItsModulesBesideEachOther) {
    const auto said = run(scripts_of("FreeBSD")->place_kernel, {});

    EXPECT_EQ(said, "release 14.1-RELEASE\n--\n"
                    "/boot/lab-k1/kernel\n/boot/lab-k1/pebble.ko\n"
                    "/boot/lab/k1/ready\n/boot/lab/k1/release\n"
                    "kldxref /boot/lab-k1\n");
    EXPECT_FALSE(std::filesystem::exists(work_.path() / "incoming"));
}

TEST_F(FreeBsdScripts, BootItOnceWithTheWordsOfTheProfile) {
    const auto said = run(scripts_of("FreeBSD")->boot_once,
                          {{"LAB_CMDLINE", "lab.boot=0af1 panic=10 kern.x=1 -s"}});

    EXPECT_EQ(said, "method nextboot\n--\n"
                    "nextboot -k lab-k1 -e lab.boot=0af1 -e kern.x=1 -o -s\n");
}

TEST_F(FreeBsdScripts, RefuseWordsThatTheLoaderDoesNotTake) {
    const auto said =
        run(scripts_of("FreeBSD")->boot_once, {{"LAB_CMDLINE", "lab.boot=0af1 panic=10 quiet"}});

    EXPECT_EQ(said, "refused FreeBSD takes name=value and -flags, not 'quiet'\n--\n");
}

TEST(SystemScripts, AreThoseOfLinuxAndFreeBsd) {
    EXPECT_NE(scripts_of("Linux"), nullptr);
    EXPECT_NE(scripts_of("FreeBSD"), nullptr);
    EXPECT_EQ(scripts_of("Minix"), nullptr);
}

} // namespace
} // namespace lab::engine
