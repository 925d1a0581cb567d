// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/harness.h"

#include "base/argv.h"
#include "base/pipe.h"
#include "base/text.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

namespace lab::e2e {
namespace {

const std::filesystem::path golden_directory =
    std::filesystem::path(LAB_SOURCE_DIR) / "tests/e2e/golden";

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

const char* config = R"(sources:
  pebble:
    path: .
build_vms:
  pebble-build:
    machine: debian-12
    source: pebble
    recipe: pebble
test_vms:
  pebble-test:
    machine: pebble
)";

} // namespace

// Below /tmp and not TempDir(): the path of the socket must be short.
CliTest::CliTest() : directory_("/tmp", "lab-e2e") {
    write_file(file("lab.yaml"), config);
}

CliTest::~CliTest() {
    (void)lab({"daemon", "stop"});
}

ProcessResult CliTest::lab(const std::vector<std::string>& words) const {
    ProcessSpec spec;
    spec.argv = {LAB_BIN "/lab"};
    spec.argv.insert(spec.argv.end(), words.begin(), words.end());
    spec.environment = {
        {"LAB_HOME", file("home").string()}, {"LAB_TEMPLATES", ""}, {"NO_COLOR", "1"}};
    spec.directory = directory_.path();
    spec.timeout = std::chrono::seconds(30);
    spec.leftovers = Leftovers::keep; // the daemon that it starts
    return run_process(spec);
}

ProcessResult CliTest::interrupt(const std::vector<std::string>& words, const std::string& mark,
                                 int number) const {
    auto all = words;
    all.insert(all.begin(), "lab");
    const auto argv = pointers_to(all);
    auto [read_end, write_end] = make_pipe();
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(write_end.get(), STDERR_FILENO);
        ::setenv("LAB_HOME", file("home").c_str(), 1);
        if (::chdir(directory_.path().c_str()) == 0) {
            ::execv(LAB_BIN "/lab", argv.data());
        }
        ::_exit(127);
    }
    write_end.reset();
    ProcessResult result;
    std::array<char, 256> buffer{};
    bool sent = false;
    for (;;) {
        const auto count = ::read(read_end.get(), buffer.data(), buffer.size());
        if (count <= 0) {
            break;
        }
        result.err.append(buffer.data(), static_cast<std::size_t>(count));
        if (!sent && result.err.find(mark) != std::string::npos) {
            ::kill(child, number);
            sent = true;
        }
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

void CliTest::expect_golden(const std::string& name, const std::vector<std::string>& words) const {
    const auto result = lab(words);
    const auto text =
        replace_all("$ lab " + shell_join(words) + "\n" + result.out + "--- stderr\n" + result.err +
                        "--- exit code " + std::to_string(result.exit_code) + "\n",
                    directory_.path().string(), "<dir>");
    const auto golden = golden_directory / (name + ".txt");
    if (const char* accept = std::getenv("LAB_ACCEPT_GOLDEN");
        accept != nullptr && *accept == '1') {
        write_file(golden, text);
        GTEST_SKIP() << "accepted " << golden;
    }
    EXPECT_EQ(text, read_file(golden));
}

} // namespace lab::e2e
