// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "server/connection_threads.h"
#include "tests/unit/server/served.h"

#include <list>

namespace lab::server {
namespace {

const std::string status_request = "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n";

/// Sends a piece again and again, up to a limit or until it is refused; what was sent.
Bytes send_up_to(RawClient& client, const std::string& piece, Bytes limit) {
    Bytes sent;
    while (sent < limit && client.send(piece)) {
        sent = sent + Bytes{piece.size()};
    }
    return sent;
}

TEST_F(ServerTest, TakesInNoChunkedBody) {
    RawClient client(socket_);
    client.send("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" +
                json_header + "\r\n");
    const std::string chunk = "100000\r\n" + std::string(1U << 20U, ' ') + "\r\n";

    const auto sent = send_up_to(client, chunk, mebibytes(300));

    EXPECT_LT(sent, mebibytes(8));
    EXPECT_EQ(client.status(), 411);
}

TEST_F(ServerTest, TakesInNoBodyWithoutALength) {
    RawClient client(socket_);
    client.send("POST /v1/jobs HTTP/1.1\r\nHost: x\r\n" + json_header + "\r\n");

    const auto sent = send_up_to(client, std::string(1U << 20U, ' '), mebibytes(300));

    EXPECT_LT(sent, mebibytes(8));
    EXPECT_EQ(client.status(), 411);
}

TEST_F(ServerTest, TakesInNoBodyOfAnAnnouncedLengthAboveTheLimit) {
    RawClient client(socket_);
    client.send("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 314572800\r\n" + json_header +
                "\r\n");

    const auto sent = send_up_to(client, std::string(1U << 20U, ' '), mebibytes(300));

    EXPECT_LT(sent, mebibytes(8));
    EXPECT_EQ(client.status(), 413);
}

TEST_F(ServerTest, TakesInNoLongHeaderLine) {
    RawClient client(socket_);
    client.send("GET /v1/status HTTP/1.1\r\nHost: ");

    const auto sent = send_up_to(client, std::string(1U << 16U, 'x'), mebibytes(10));

    EXPECT_LT(sent, mebibytes(2));
    EXPECT_EQ(client.status(), 431);
}

TEST_F(ServerTest, TakesInNoManyHeaderLines) {
    RawClient client(socket_);
    client.send("GET /v1/status HTTP/1.1\r\nHost: x\r\n");

    const auto sent = send_up_to(client, "A: b\r\n", mebibytes(10));

    EXPECT_LT(sent, mebibytes(2));
    EXPECT_EQ(client.status(), 431);
}

/// Clients that send one byte now and then, until they are refused or the object goes.
class Drips {
public:
    Drips(const std::filesystem::path& socket, unsigned count, const std::string& beginning) {
        for (unsigned i = 0; i < count; ++i) {
            clients_.emplace_back(socket).send(beginning);
        }
        thread_ = std::jthread([this](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                clients_.remove_if([](RawClient& client) { return !client.send("x"); });
                std::this_thread::sleep_for(std::chrono::milliseconds(20)); // the pace of a drip
            }
        });
    }

private:
    std::list<RawClient> clients_;
    std::jthread thread_;
};

TEST_F(ServerTest, AnswersWhileAHundredClientsDrip) {
    const Drips heads(socket_, 50, "GET /v1/status HTTP/1.1\r\nHost: ");
    const Drips bodies(socket_, 50,
                       post("/v1/jobs", std::string(9999, 'x'), json_header).substr(0, 200));

    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(api::DaemonClient(transport_).status().api, api::api_version);
    }
}

/// Where nothing has to be sent in time.
class PatientServerTest : public ServerTest {
protected:
    PatientServerTest() : ServerTest(limits()) {}

    static RequestLimits limits() {
        RequestLimits limits;
        limits.connections = 5;
        limits.head_time = std::chrono::hours(1);
        limits.body_time = std::chrono::hours(1);
        return limits;
    }
};

TEST_F(PatientServerTest, RefusesConnectionsBeyondTheLimitAtOnce) {
    std::list<RawClient> clients;
    for (std::size_t i = 0; i < limits().connections; ++i) {
        clients.emplace_back(socket_).send("GET ");
    }

    EXPECT_EQ(status_of(status_request), 503);

    clients.clear();
    const auto deadline = Deadline::in(std::chrono::seconds(30));
    while (status_of(status_request) != 200 && !deadline.passed()) {
    }
    EXPECT_FALSE(deadline.passed()) << "connections that ended make room";
}

TEST_F(PatientServerTest, EndsWithoutWaitingForItsClients) {
    RawClient head(socket_);
    head.send("GET ");
    RawClient body(socket_);
    body.send(post("/v1/jobs", std::string(99, 'x'), json_header).substr(0, 100));

    api::DaemonClient(transport_).shutdown();
    thread_.join();

    thread_ = std::thread([] {});
}

/// Where nothing may take long.
class HastyServerTest : public ServerTest {
protected:
    HastyServerTest() : ServerTest(limits()) {}

    static RequestLimits limits() {
        RequestLimits limits;
        limits.head_time = std::chrono::milliseconds(200);
        limits.body_time = std::chrono::milliseconds(200);
        return limits;
    }
};

TEST_F(HastyServerTest, GivesAHeadItsTimeOnce) {
    RawClient client(socket_);

    const auto deadline = Deadline::in(std::chrono::seconds(30));
    while (client.send("x") && !deadline.passed()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10)); // the pace of a drip
    }

    EXPECT_EQ(client.status(), 408);
}

TEST_F(HastyServerTest, GivesABodyItsTimeOnce) {
    RawClient client(socket_);
    client.send(post("/v1/jobs", std::string(1U << 20U, 'x'), json_header).substr(0, 200));

    const auto deadline = Deadline::in(std::chrono::seconds(30));
    while (client.send("x") && !deadline.passed()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10)); // the pace of a drip
    }

    EXPECT_EQ(client.status(), 400);
}

TEST(ConnectionThreads, OutliveWhatAConnectionThrows) {
    ConnectionThreads threads(1);
    std::atomic<int> done = 0;

    for (int i = 0; i < 3; ++i) {
        threads.enqueue([&] {
            ++done;
            throw 7;
        });
    }
    threads.shutdown();

    EXPECT_EQ(done, 3);
}

} // namespace
} // namespace lab::server
