// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/files.h"
#include "base/process.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace lab::e2e {

/// A lab of its own in a temporary directory, with the real `lab` and a labd of fakes.
class CliTest : public testing::Test {
protected:
    CliTest();
    ~CliTest() override;

    /// Runs `lab <words>` in the lab's directory.
    [[nodiscard]] ProcessResult lab(const std::vector<std::string>& words) const;

    /// Runs it until it has said `mark` on stderr, sends it the signal, and returns how it ended.
    [[nodiscard]] ProcessResult interrupt(const std::vector<std::string>& words,
                                          const std::string& mark, int number) const;

    /// Compares stdout, stderr and exit code of the command with golden/<name>.txt. With
    /// LAB_ACCEPT_GOLDEN=1 the file is written anew and the test counts as skipped.
    void expect_golden(const std::string& name, const std::vector<std::string>& words) const;

    [[nodiscard]] std::filesystem::path file(const std::string& name) const {
        return directory_.path() / name;
    }

private:
    TemporaryDirectory directory_;
};

} // namespace lab::e2e
