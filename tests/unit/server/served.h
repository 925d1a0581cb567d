// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/client.h"
#include "base/files.h"
#include "base/handle.h"
#include "server/server.h"
#include "tests/fakes/fake_services.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>

namespace lab::server {

/// A client that sends what it likes.
class RawClient {
public:
    explicit RawClient(const std::filesystem::path& socket)
        : connection_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, socket.c_str(), socket.native().size());
        connected_ = ::connect(connection_.get(), reinterpret_cast<sockaddr*>(&address),
                               sizeof(address)) == 0;
    }

    /// Whether all was sent; not, when it is refused before.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto count = ::send(connection_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }

    /// What comes up to the end of the connection.
    std::string answer() {
        std::string text = connected_ ? "" : "cannot connect";
        std::array<char, 4096> buffer{};
        for (;;) {
            const auto count = ::read(connection_.get(), buffer.data(), buffer.size());
            if (count <= 0) {
                return text;
            }
            text.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }

    /// The status of the answer; 0 = there is none.
    int status() {
        const auto text = answer();
        return text.size() < 12 ? 0 : std::atoi(text.substr(9, 3).c_str());
    }

private:
    FileDescriptor connection_;
    bool connected_ = false;
};

/// The answer to raw bytes, up to the end of the connection.
inline std::string talk(const std::filesystem::path& socket, const std::string& bytes) {
    RawClient client(socket);
    client.send(bytes);
    return client.answer();
}

inline std::string post(const std::string& path, const std::string& body,
                        const std::string& headers) {
    return "POST " + path +
           " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           headers + "\r\n" + body;
}

inline const std::string json_header = "Content-Type: application/json\r\n";

/// A real server on a socket, fakes behind it, and a real client.
class ServerTest : public testing::Test {
protected:
    explicit ServerTest(const RequestLimits& limits = {})
        : jobs_([this](const plan::JobSpec&) { return script_; }), socket_(place() / "labd.sock"),
          server_({jobs_, lab_, outbox_, suts_},
                  {socket_, "/state", "9.9", [this] { server_.stop(); }, limits}),
          thread_([this] { server_.run(); }) {}

    ~ServerTest() override {
        server_.stop();
        thread_.join();
    }

    std::filesystem::path place() const { return directory_.path() / "run"; }

    std::string submit() {
        const auto spec = nlohmann::json::parse(plan::to_json(plan::CreateSpec{{"a"}}));
        return api::JobClient(transport_).submit({spec, {"/x/lab.yaml", "text"}, "", false}).id;
    }

    /// The status of the answer to raw bytes.
    int status_of(const std::string& bytes) const {
        RawClient client(socket_);
        client.send(bytes);
        return client.status();
    }

    TemporaryDirectory directory_{testing::TempDir(), "server"};
    fakes::Script script_;
    fakes::FakeJobService jobs_;
    fakes::FakeLabService lab_;
    fakes::FakeOutboxService outbox_;
    fakes::FakeSutService suts_;
    std::filesystem::path socket_;
    Server server_;
    std::thread thread_;
    api::Transport transport_{socket_};
};

} // namespace lab::server
