// SPDX-License-Identifier: Apache-2.0
#include "api/client.h"
#include "base/files.h"
#include "base/handle.h"

#include <cstring>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>

namespace lab::api {
namespace {

/// A socket that takes connections and drops them, like a process that is being killed.
class DroppingListener {
public:
    explicit DroppingListener(const std::filesystem::path& path)
        : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.c_str(), path.native().size());
        EXPECT_EQ(
            ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
        EXPECT_EQ(::listen(socket_.get(), 16), 0);
        thread_ = std::jthread([this] {
            for (;;) {
                const FileDescriptor peer(::accept(socket_.get(), nullptr, nullptr));
                if (!peer) {
                    return;
                }
            }
        });
    }

    DroppingListener(const DroppingListener&) = delete;
    DroppingListener& operator=(const DroppingListener&) = delete;
    ~DroppingListener() { ::shutdown(socket_.get(), SHUT_RDWR); }

private:
    FileDescriptor socket_;
    std::jthread thread_;
};

TEST(DaemonServes, IsFalseWithoutASocket) {
    const TemporaryDirectory directory(std::filesystem::temp_directory_path(), "lab-api-");

    EXPECT_FALSE(daemon_serves(directory.path() / "none.sock"));
}

TEST(DaemonServes, IsFalseForASocketThatOnlyTakesConnections) {
    const TemporaryDirectory directory(std::filesystem::temp_directory_path(), "lab-api-");
    const auto path = directory.path() / "labd.sock";
    const DroppingListener listener(path);

    EXPECT_TRUE(daemon_answers(path));
    EXPECT_FALSE(daemon_serves(path));
}

} // namespace
} // namespace lab::api
