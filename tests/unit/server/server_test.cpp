// SPDX-License-Identifier: Apache-2.0
#include "api/codec.h"
#include "tests/unit/server/served.h"

#include <future>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace lab::server {
namespace {

TEST_F(ServerTest, ReportsItself) {
    const auto status = api::DaemonClient(transport_).status();

    EXPECT_EQ(status.version, "9.9");
    EXPECT_EQ(status.api, api::api_version);
    EXPECT_EQ(status.pid, ::getpid());
    EXPECT_EQ(status.state_dir, "/state");
}

TEST_F(ServerTest, KeepsOthersOut) {
    struct stat socket {};
    struct stat directory {};
    ASSERT_EQ(::stat(socket_.c_str(), &socket), 0);
    ASSERT_EQ(::stat(place().c_str(), &directory), 0);

    EXPECT_EQ(socket.st_mode & 0777U, 0600U);
    EXPECT_EQ(directory.st_mode & 0777U, 0700U);
}

TEST_F(ServerTest, CarriesASubmissionToTheService) {
    const auto id = submit();

    EXPECT_EQ(jobs_.jobs().at(0).id, id);
    EXPECT_EQ(jobs_.jobs().at(0).kind, "create");
    EXPECT_EQ(jobs_.last_config().path, "/x/lab.yaml");
    EXPECT_EQ(jobs_.last_config().text, "text");
}

TEST_F(ServerTest, AnswersTheSameKeyWithTheSameJob) {
    const api::JobClient client(transport_);
    const auto spec = nlohmann::json::parse(plan::to_json(plan::CreateSpec{{"a"}}));

    const auto first = client.submit({spec, {}, "key", false}).id;
    const auto second = client.submit({spec, {}, "key", false}).id;

    EXPECT_EQ(first, second);
    EXPECT_EQ(jobs_.jobs().size(), 1U);
}

TEST_F(ServerTest, OnlyChecksADryRun) {
    const auto spec = nlohmann::json::parse(plan::to_json(plan::CreateSpec{{"a"}}));

    const auto submitted = api::JobClient(transport_).submit({spec, {}, "key", true});

    EXPECT_EQ(submitted.id, "");
    EXPECT_EQ(submitted.title, "title of create");
    EXPECT_EQ(submitted.spec, spec);
    EXPECT_TRUE(jobs_.jobs().empty());
}

TEST_F(ServerTest, ShowsAJob) {
    script_.result = R"({"roots":[]})";
    const auto id = submit();

    const auto detail = api::JobClient(transport_).job(id.substr(0, 26));

    EXPECT_EQ(detail.job.state, "done");
    EXPECT_EQ(detail.job.exit_code, 0);
    EXPECT_EQ(detail.job.seconds, 12.0);
    EXPECT_EQ(detail.job.created, "2025-03-01T10:00:00.000Z");
    EXPECT_EQ(detail.spec["kind"], "create");
    EXPECT_TRUE(detail.result["roots"].is_array());
    ASSERT_EQ(detail.steps.size(), 1U);
    EXPECT_EQ(detail.steps[0].seconds, 2.0);
}

TEST_F(ServerTest, GivesOnlyNewEvents) {
    script_.events = {{"phase", "one"}, {"phase", "two \"quoted\""}};
    const auto id = submit();

    const auto page = api::JobClient(transport_).events(id, 1, Duration::zero());

    ASSERT_EQ(page.events.size(), 1U);
    EXPECT_EQ(page.events[0].sequence, 2U);
    EXPECT_EQ(page.events[0].data["text"], "two \"quoted\"");
}

TEST_F(ServerTest, ServesOthersWhileEightLongPollsWait) {
    script_.endless = true;
    const auto id = submit();
    std::vector<std::future<api::EventPage>> polls;
    for (int i = 0; i < 8; ++i) {
        polls.push_back(std::async(std::launch::async, [&] {
            return api::JobClient(transport_).events(id, 0, std::chrono::seconds(30));
        }));
    }

    EXPECT_EQ(api::JobClient(transport_).jobs().size(), 1U);
    EXPECT_TRUE(api::JobClient(transport_).cancel(id));

    for (auto& poll : polls) {
        EXPECT_EQ(poll.get().state, "cancelled");
    }
}

TEST_F(ServerTest, AnswersAHundredClientsAtOnce) {
    std::vector<std::future<std::size_t>> clients;
    for (int i = 0; i < 100; ++i) {
        clients.push_back(std::async(std::launch::async,
                                     [this] { return api::JobClient(transport_).jobs().size(); }));
    }

    for (auto& client : clients) {
        EXPECT_EQ(client.get(), 0U);
    }
}

TEST_F(ServerTest, EndsLongPollsWhenItStops) {
    script_.endless = true;
    const auto id = submit();
    const auto start = std::chrono::steady_clock::now();
    auto poll = std::async(std::launch::async, [&] {
        return api::JobClient(transport_).events(id, 0, std::chrono::seconds(30));
    });
    // A second poll that is answered proves that the server took connections after the first.
    (void)api::JobClient(transport_).events(id, 0, Duration::zero());

    api::DaemonClient(transport_).shutdown();
    try {
        EXPECT_EQ(poll.get().state, "running");
    } catch (const Error& error) {
        // The listener closed before it took this connection.
        EXPECT_EQ(error.code(), ErrorCode::infra);
    }

    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST_F(ServerTest, GivesTheLogAsBytes) {
    script_.log = std::string("\x00\xff\n", 3) + "end";
    const auto id = submit();

    const auto first = api::JobClient(transport_).log(id, 0, 3);
    const auto rest = api::JobClient(transport_).log(id, first.next_offset, 100);

    EXPECT_EQ(first.bytes, std::string("\x00\xff\n", 3));
    EXPECT_FALSE(first.final);
    EXPECT_EQ(rest.bytes, "end");
    EXPECT_TRUE(rest.final);
}

TEST_F(ServerTest, PassesErrorsOfTheServicesOn) {
    try {
        (void)api::JobClient(transport_).job("nosuch");
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::not_found);
        EXPECT_STREQ(error.what(), "job nosuch: there is none");
        EXPECT_EQ(error.hint(), "see them with: lab job list");
    }
}

TEST_F(ServerTest, CarriesTheLab) {
    const api::LabClient client(transport_);

    EXPECT_EQ(client.vms({}).at(1).memory, mebibytes(512).count);
    EXPECT_EQ(client.access("pebble-build").port, 40022);
    EXPECT_EQ(client.templates({}).at(1).name, "pebble");
    EXPECT_EQ(client.images().at(0).labels.at("vm"), "pebble-build");
    EXPECT_EQ(client.images().at(0).kind, "build");
    EXPECT_EQ(client.collect({5, true}).freed, mebibytes(12).count);
    EXPECT_EQ(client.verify().at(0).problem, "");
    EXPECT_EQ(client.doctor().at(1).fix, "guests run under TCG");
    EXPECT_THROW(client.stop_vm("nosuch"), Error);
    client.stop_vm("pebble-test");
}

TEST_F(ServerTest, CarriesTheOutbox) {
    const auto job = submit();
    const api::OutboxClient client(transport_);

    EXPECT_EQ(client.letters().at(0).due, "2025-03-01T10:00:04.000Z");
    EXPECT_EQ(client.letters().at(1).state, "dead");
    EXPECT_EQ(client.letters().at(1).due, std::nullopt);
    EXPECT_EQ(client.retry({}), 2U);
    EXPECT_EQ(client.drop({"01LETTER00000000000000002"}), 1U);
    EXPECT_THROW(static_cast<void>(client.drop({"nosuch"})), Error);
    client.watch("@last", {"phone", {"/x/lab.yaml", "phone: x"}});
    EXPECT_EQ(outbox_.watches(),
              (std::vector<std::pair<std::string, std::string>>{{job, "phone"}}));
    EXPECT_THROW(client.watch(job, {"nosuch", {"/x/lab.yaml", "phone: x"}}), Error);
    EXPECT_THROW(client.watch("nosuch", {"phone", {"/x/lab.yaml", "phone: x"}}), Error);
}

TEST_F(ServerTest, TurnsStrangeIdsIntoNotFound) {
    for (const char* id : {"a b", "%00", "\xff", "x?y=1"}) {
        try {
            (void)api::JobClient(transport_).job(id);
            ADD_FAILURE() << id;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::not_found) << id << ": " << error.what();
        }
    }
}

TEST_F(ServerTest, IsNotAskedAboutIdsThatLeaveTheRoute) {
    for (const char* id : {"../status", "a/b", ".."}) {
        try {
            (void)api::JobClient(transport_).job(id);
            ADD_FAILURE() << id;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::bad_input) << id << ": " << error.what();
        }
    }
}

TEST_F(ServerTest, RefusesAnotherProtocolVersionButForStatusAndShutdown) {
    const std::string header = "Lab-Api: 2\r\n\r\n";

    const auto answer = talk(socket_, "GET /v1/jobs HTTP/1.1\r\nHost: x\r\n" + header);

    EXPECT_NE(answer.find("409"), std::string::npos);
    EXPECT_NE(answer.find("restart the daemon"), std::string::npos);
    EXPECT_EQ(status_of("GET /v1/status HTTP/1.1\r\nHost: x\r\n" + header), 200);
}

TEST_F(ServerTest, RefusesWhatIsNotJson) {
    EXPECT_EQ(status_of(post("/v1/jobs", "{}", "Content-Type: text/plain\r\n")), 415);
    EXPECT_EQ(status_of(post("/v1/jobs", "{}", "")), 415);
    EXPECT_EQ(
        status_of(post("/v1/jobs", "a=b", "Content-Type: application/x-www-form-urlencoded\r\n")),
        415);
    EXPECT_EQ(status_of(post("/v1/jobs", "{}", json_header + "Content-Encoding: gzip\r\n")), 415);
    EXPECT_EQ(status_of(post("/v1/jobs", "{]", json_header)), 400);
    EXPECT_EQ(status_of(post("/v1/jobs", "[]", json_header)), 400);
    EXPECT_EQ(status_of(post("/v1/jobs", "{}", json_header)), 400);
    EXPECT_EQ(status_of(post("/v1/jobs", R"({"spec":{"kind":"nosuch"}})", json_header)), 400);
}

TEST_F(ServerTest, SaysWhereTheJsonIsBroken) {
    const auto answer = talk(socket_, post("/v1/jobs", "{\"spec\": nope}", json_header));

    EXPECT_NE(answer.find("at byte"), std::string::npos) << answer;
    EXPECT_NE(answer.find("\"code\":\"bad_input\""), std::string::npos) << answer;
}

TEST_F(ServerTest, RefusesBodiesAboveFourMebibytes) {
    const std::string body = "{\"spec\":\"" + std::string(5U << 20U, 'x') + "\"}";

    const int status = status_of(post("/v1/jobs", body, json_header));

    EXPECT_TRUE(status == 413 || status == 0) << status; // 0: reset while we still sent
    EXPECT_TRUE(jobs_.jobs().empty());
    EXPECT_EQ(api::DaemonClient(transport_).status().api, 1);
}

TEST_F(ServerTest, DoesNotKnowOtherRoutes) {
    const auto answer = talk(socket_, "GET /v1/nosuch HTTP/1.1\r\nHost: x\r\n\r\n");

    EXPECT_NE(answer.find("404"), std::string::npos);
    EXPECT_NE(answer.find("no such route"), std::string::npos);
    EXPECT_EQ(status_of("GET /v1/shutdown HTTP/1.1\r\nHost: x\r\n\r\n"), 404);
    EXPECT_EQ(status_of("GET /etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n"), 404);
}

TEST_F(ServerTest, RefusesBadNumbersInTheQuery) {
    const auto id = submit();
    for (const char* query : {"after=-1", "after=x", "after=99999999999999999999", "wait=nan",
                              "wait=-1", "wait=1s", "wait=inf"}) {
        EXPECT_EQ(
            status_of("GET /v1/jobs/" + id + "/events?" + query + " HTTP/1.1\r\nHost: x\r\n\r\n"),
            400)
            << query;
    }
}

TEST_F(ServerTest, SurvivesBytesThatAreNotHttp) {
    (void)talk(socket_, "\x16\x03\x01 nonsense\r\n\r\n");
    (void)talk(socket_, "GET " + std::string(20000, 'x') + " HTTP/1.1\r\n\r\n");

    EXPECT_EQ(api::DaemonClient(transport_).status().api, 1);
}

TEST_F(ServerTest, HidesWhatAnUnexpectedExceptionSays) {
    jobs_.fail_with = "secret /path";

    const auto answer = talk(socket_, "GET /v1/jobs HTTP/1.1\r\nHost: x\r\n\r\n");

    EXPECT_NE(answer.find("500"), std::string::npos);
    EXPECT_EQ(answer.find("secret"), std::string::npos);
    jobs_.fail_with.clear();
}

class SocketTest : public testing::Test {
protected:
    Server make(const std::filesystem::path& socket) {
        return Server({jobs_, lab_, outbox_, suts_}, {socket, "", "1", [] {
                                                      }});
    }

    TemporaryDirectory directory_{testing::TempDir(), "socket"};
    fakes::FakeJobService jobs_{[](const plan::JobSpec&) {
        return fakes::Script();
    }};
    fakes::FakeLabService lab_;
    fakes::FakeOutboxService outbox_;
    fakes::FakeSutService suts_;
};

TEST_F(SocketTest, IsRefusedInADirectoryOpenToOthers) {
    const auto open = directory_.path() / "open";
    make_directory(open);
    ASSERT_EQ(::chmod(open.c_str(), 0755), 0);

    try {
        const auto server = make(open / "s");
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::conflict);
        EXPECT_NE(error.hint().find("chmod 700"), std::string::npos);
    }
}

TEST_F(SocketTest, ReplacesAStaleFileAndIsRemovedAtTheEnd) {
    const auto socket = directory_.path() / "s";
    write_file(socket, "stale");
    {
        const auto server = make(socket);
        EXPECT_TRUE(api::daemon_answers(socket));
    }

    EXPECT_FALSE(std::filesystem::exists(socket));
    EXPECT_FALSE(api::daemon_answers(socket));
}

TEST_F(SocketTest, ThatNobodyServesIsAClearError) {
    const api::Transport transport(directory_.path() / "none");

    try {
        (void)api::JobClient(transport).jobs();
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::infra);
        EXPECT_EQ(std::string(error.what()),
                  "no daemon answers at " + (directory_.path() / "none").string());
    }
}

TEST_F(SocketTest, StoppedBeforeItRunsReturnsAtOnce) {
    auto server = make(directory_.path() / "s");

    server.stop();
    server.run();
}

} // namespace
} // namespace lab::server
