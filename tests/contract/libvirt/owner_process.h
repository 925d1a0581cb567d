// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/process.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace lab::test {

// One process can embed one hypervisor, so what needs several owners, or a network of its own, runs
// in processes of its own: this program again, with one of the OwnerProcess tests. These are
// disabled otherwise.
inline constexpr const char* owner_directory = "LAB_TEST_OWNER_DIRECTORY";

/// The command line of an OwnerProcess test.
inline std::vector<std::string> owner_words(const std::string& test) {
    return {std::filesystem::read_symlink("/proc/self/exe").string(),
            "--gtest_also_run_disabled_tests", "--gtest_filter=OwnerProcess.DISABLED_" + test};
}

/// Runs one OwnerProcess test to its end on the directory.
inline ProcessResult run_owner(const std::string& test, const std::filesystem::path& directory) {
    ProcessSpec spec;
    spec.argv = owner_words(test);
    spec.environment = {{owner_directory, directory.string()}};
    return run_process(spec);
}

/// Of the OwnerProcess test that runs; empty when it was not started by run_owner().
inline std::filesystem::path directory_of_owner() {
    const char* const directory = std::getenv(owner_directory);
    return directory != nullptr ? directory : "";
}

} // namespace lab::test
