// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/harness.h"

#include "base/text.h"

#include <cstdlib>

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
    return run_process(spec);
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
