// SPDX-License-Identifier: Apache-2.0
#include "engine/job_log.h"

#include "base/files.h"

#include <gtest/gtest.h>
#include <regex>

namespace lab::engine {
namespace {

class JobLogTest : public testing::Test {
protected:
    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> found;
        std::string text = read_file(file_);
        for (std::size_t at = 0; at < text.size();) {
            const auto end = text.find('\n', at);
            found.push_back(text.substr(at, end - at));
            at = end + 1;
        }
        return found;
    }

    TemporaryDirectory directory_{std::filesystem::temp_directory_path(), "lab-log-"};
    std::filesystem::path file_ = directory_.path() / "job.log";
};

TEST_F(JobLogTest, WritesTimeSourceAndText) {
    JobLog log(file_);
    log.line("build x", "hello");

    ASSERT_EQ(lines().size(), 1U);
    EXPECT_TRUE(std::regex_match(
        lines()[0], std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z build x \| hello)")))
        << lines()[0];
}

TEST_F(JobLogTest, JoinsChunksIntoLinesAndDropsCarriageReturns) {
    JobLog log(file_);
    {
        LogStream stream(log, "s");
        stream.write("one\r\ntw");
        stream.write("o\nthree");
    }

    ASSERT_EQ(lines().size(), 3U);
    EXPECT_TRUE(lines()[0].ends_with("| one"));
    EXPECT_TRUE(lines()[1].ends_with("| two"));
    EXPECT_TRUE(lines()[2].ends_with("| three"));
}

TEST_F(JobLogTest, CutsLongLinesAndKeepsAShortTail) {
    JobLog log(file_);
    LogStream stream(log, "s");
    stream.write(std::string(100'000, 'x') + "\nend\n");

    EXPECT_TRUE(lines().front().ends_with("x [... 93.7 KiB left out ...]"));
    for (const auto& line : lines()) {
        EXPECT_LT(line.size(), 4200U);
    }
    EXPECT_EQ(stream.tail().size(), 4096U);
    EXPECT_TRUE(stream.tail().ends_with("end\n"));
}

} // namespace
} // namespace lab::engine
