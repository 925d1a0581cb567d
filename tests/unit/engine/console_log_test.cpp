// SPDX-License-Identifier: Apache-2.0
#include "engine/console_log.h"

#include "base/files.h"
#include "base/handle.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace lab::engine {
namespace {

/// A log with a writer that appends.
class ConsoleLog : public testing::Test {
protected:
    void write(const std::string& text) const {
        ASSERT_EQ(::write(writer_.get(), text.data(), text.size()),
                  static_cast<ssize_t>(text.size()));
    }

    TemporaryDirectory directory_{"/tmp", "lab-"};
    std::filesystem::path file_ = directory_.path() / "console.log";
    FileDescriptor writer_{::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
};

TEST_F(ConsoleLog, KeepsItsLastPartAndGoesOn) {
    write(std::string(2000, 'a') + "the end\n");

    EXPECT_TRUE(cut_log(file_, Bytes{1024}, Bytes{8}));
    write("and more\n");

    EXPECT_EQ(read_file(file_), "[lab: 2.0 KiB of console output were cut off here]\n"
                                "the end\nand more\n");
    EXPECT_FALSE(cut_log(file_, Bytes{1024}, Bytes{8}));
}

TEST_F(ConsoleLog, OfTheLimitIsNotTouched) {
    write(std::string(1024, 'a'));

    EXPECT_FALSE(cut_log(file_, Bytes{1024}, Bytes{8}));
    EXPECT_EQ(read_file(file_), std::string(1024, 'a'));
}

TEST_F(ConsoleLog, ThatIsNotThereOrNoFileIsLeftAlone) {
    EXPECT_FALSE(cut_log(directory_.path() / "none", Bytes{}, Bytes{}));
    EXPECT_FALSE(cut_log("/dev/null", Bytes{}, Bytes{}));
}

} // namespace
} // namespace lab::engine
