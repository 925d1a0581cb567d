// SPDX-License-Identifier: Apache-2.0
// `lab notify`: what the command sees, what is told, and what the exit code is. Starts no daemon.
#include "api/client.h"
#include "base/json.h"
#include "tests/e2e/harness.h"

#include <fcntl.h>
#include <gmock/gmock.h>

namespace lab::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

class NotifyTest : public CliTest {
protected:
    /// A channel that writes each event, as it is, into the file `events`.
    NotifyTest() {
        write_file(file("secret-token"), "hunter2hunter2\n", FileAccess::owner_only);
        write_file(file("lab.yaml"), R"(notify:
  channels:
    record: {type: exec, command: [tee, -a, events]}
    broken: {type: exec, command: [sh, -c, "exit 64"]}
    phone: {type: ntfy, topic: "${file:secret-token}", server: "https://ntfy.example.org"}
  rules:
    - when: [finished]
      kinds: [command]
      min_duration: 1d
      to: [phone]
    - when: [failed]
      kinds: [command]
      to: [record]
)");
    }

    [[nodiscard]] std::vector<nlohmann::json> events() const {
        std::vector<nlohmann::json> all;
        if (std::filesystem::exists(file("events"))) {
            std::istringstream stream(read_file(file("events")));
            for (std::string line; std::getline(stream, line);) {
                all.push_back(nlohmann::json::parse(line));
            }
        }
        return all;
    }

    /// Runs a shell script with $LAB set, so that redirections are real ones.
    [[nodiscard]] ProcessResult shell(const std::string& script) const {
        ProcessSpec spec;
        spec.argv = {"sh", "-c", script};
        spec.environment = {{"LAB", LAB_BIN "/lab"}, {"LAB_HOME", file("home").string()}};
        spec.directory = file(".");
        spec.timeout = std::chrono::seconds(30);
        return run_process(spec);
    }
};

TEST_F(NotifyTest, PassesTheExitCodeThroughAndTells) {
    const auto result =
        lab({"notify", "--to", "record", "--", "sh", "-c", "echo out; echo err >&2; exit 3"});

    EXPECT_EQ(result.exit_code, 3);
    EXPECT_EQ(result.out, "out\n");
    EXPECT_EQ(result.err, "err\n");
    ASSERT_EQ(events().size(), 1U);
    const auto event = events()[0];
    EXPECT_EQ(event["facts"]["exit_code"], 3);
    EXPECT_EQ(event["facts"]["event"], "failed");
    EXPECT_EQ(event["facts"]["command"][0], "sh");
    EXPECT_THAT(event["title"].get<std::string>(), HasSubstr("failed (exit code 3): sh -c"));
    EXPECT_THAT(event["text"].get<std::string>(), HasSubstr("exit code 3 after "));
    EXPECT_FALSE(api::daemon_answers(file("home/run/labd.sock")));
}

TEST_F(NotifyTest, RunsTheCommandThoughThereIsNobodyToTell) {
    write_file(file("lab.yaml"), "sources: {}\n");
    const auto empty = lab({"notify", "--", "sh", "-c", "echo ran; exit 9"});
    std::filesystem::remove(file("lab.yaml"));
    const auto none = lab({"notify", "--", "sh", "-c", "exit 8"});
    const auto unknown = lab({"notify", "--to", "nosuch", "--", "touch", "ran"});

    EXPECT_EQ(empty.exit_code, 9);
    EXPECT_EQ(empty.out, "ran\n");
    EXPECT_THAT(empty.err, HasSubstr("nobody will be told"));
    EXPECT_EQ(none.exit_code, 8);
    EXPECT_EQ(unknown.exit_code, 3);
    EXPECT_FALSE(std::filesystem::exists(file("ran")));
}

TEST_F(NotifyTest, SaysASignalAs128More) {
    const auto result = lab({"notify", "--to", "record", "--", "sh", "-c", "kill -SEGV $$"});

    EXPECT_EQ(result.exit_code, 128 + SIGSEGV);
    EXPECT_EQ(events().at(0)["facts"]["signal"], SIGSEGV);
    EXPECT_THAT(events().at(0)["title"].get<std::string>(), HasSubstr("killed by SIGSEGV"));
}

TEST_F(NotifyTest, HandsStandardInputOver) {
    const auto result = shell("printf 'one\\ntwo\\n' | $LAB notify --to record -- wc -l");

    EXPECT_EQ(result.out, "2\n");
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(events().size(), 1U);
}

TEST_F(NotifyTest, PassesOnASignalThatOnlyItGets) {
    const auto result = shell("$LAB notify --to record -- sh -c 'trap \"exit 9\" TERM; : > ready; "
                              "while :; do sleep 0.05; done' & pid=$!\n"
                              "until [ -e ready ]; do sleep 0.05; done\n"
                              "kill -TERM $pid; wait $pid");

    EXPECT_EQ(result.exit_code, 9);
    EXPECT_EQ(events().at(0)["facts"]["exit_code"], 9);
}

TEST_F(NotifyTest, KeepsSignalsIgnoredForTheCommand) {
    const auto result =
        shell("trap '' HUP; $LAB notify --to record -- sh -c 'kill -HUP $$; echo alive'");

    EXPECT_EQ(result.out, "alive\n");
    EXPECT_EQ(result.exit_code, 0);
}

TEST_F(NotifyTest, TellsTheLastLinesThatWentToAFile) {
    const auto result = shell("echo before > log; $LAB notify --to record -- sh -c "
                              "'i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo line $i; done; "
                              "printf \"\\033[31mbroken\\033[0m\\n\"; exit 1' >> log 2>&1");

    EXPECT_EQ(result.exit_code, 1);
    const auto text = events().at(0)["text"].get<std::string>();
    EXPECT_THAT(text, HasSubstr("\n\nline 22\n"));
    EXPECT_TRUE(text.ends_with("line 30\nbroken")) << text;
    EXPECT_THAT(text, Not(HasSubstr("line 21")));
}

TEST_F(NotifyTest, NeverChangesTheExitCodeWhenTellingFails) {
    const auto result = lab({"notify", "--to", "broken", "--", "true"});

    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.err, "lab: not told by broken: sh: exit code 64\n");
}

TEST_F(NotifyTest, TellsByRulesAndOnlyWhatTookLongEnough) {
    EXPECT_EQ(lab({"notify", "--", "true"}).exit_code, 0);
    EXPECT_EQ(events().size(), 0U);
    EXPECT_EQ(lab({"notify", "--min", "1h", "--", "false"}).exit_code, 1);
    EXPECT_EQ(events().size(), 0U);
    EXPECT_EQ(lab({"notify", "--title", "my title", "--", "false"}).exit_code, 1);
    ASSERT_EQ(events().size(), 1U);
    EXPECT_EQ(events()[0]["title"], "my title");
}

TEST_F(NotifyTest, SaysWhatIsWrongBeforeItRunsTheCommand) {
    expect_golden("notify-unknown-channel", {"notify", "--to", "recrod", "--", "touch", "ran"});
    expect_golden("notify-bad-min", {"notify", "--min", "soon", "--", "touch", "ran"});
    expect_golden("notify-nothing", {"notify"});
    EXPECT_FALSE(std::filesystem::exists(file("ran")));
}

TEST_F(NotifyTest, SaysThatThereIsNoSuchCommand) {
    expect_golden("notify-no-command", {"notify", "--to", "record", "--", "no-such-command"});
}

TEST_F(NotifyTest, TestsChannels) {
    expect_golden("notify-test", {"notify", "test", "record"});
    expect_golden("notify-test-broken", {"notify", "test", "broken", "-o", "json"});
    EXPECT_EQ(events().at(0)["facts"]["event"], "test");
}

TEST_F(NotifyTest, ListsChannelsWithoutSecrets) {
    expect_golden("notify-list", {"notify", "list"});
    expect_golden("notify-list-json", {"notify", "list", "-o", "json"});
    expect_golden("notify-config-show", {"config", "show"});
}

TEST_F(NotifyTest, ShowsWhatHasNotArrived) {
    expect_golden("notify-outbox-list", {"notify", "outbox", "list"});
    expect_golden("notify-outbox-list-json", {"notify", "outbox", "list", "-o", "json"});
    expect_golden("notify-outbox-retry", {"notify", "outbox", "retry", "--all"});
    expect_golden("notify-outbox-drop", {"notify", "outbox", "drop", "01LETTER00000000000000002"});
    expect_golden("notify-outbox-drop-dry", {"notify", "outbox", "drop", "--all", "--dry-run"});
    expect_golden("notify-outbox-drop-which", {"notify", "outbox", "drop"});
    expect_golden("notify-outbox-drop-unsaid", {"notify", "outbox", "drop", "--all"});
    expect_golden("notify-outbox-retry-unknown", {"notify", "outbox", "retry", "nosuch"});
}

TEST_F(NotifyTest, HasAJobsEndTold) {
    ASSERT_EQ(lab({"build", "pebble-build/good"}).exit_code, 0);
    EXPECT_EQ(lab({"job", "wait", "--notify", "phone", "--notify", "record"}).exit_code, 0);
    const auto unknown = lab({"job", "wait", "@last", "--notify", "nosuch"});
    EXPECT_EQ(unknown.exit_code, 3);
    EXPECT_THAT(unknown.err, HasSubstr("channel 'nosuch': is not in lab.yaml"));
}

TEST_F(NotifyTest, ShowsARequestWithSecretsMasked) {
    const auto result =
        lab({"notify", "--to", "phone", "--to", "record", "--dry-run", "--", "touch", "ran"});

    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("would send by phone:\nPOST https://ntfy.example.org/\n"));
    EXPECT_THAT(result.out, HasSubstr("\"topic\":\"***\""));
    EXPECT_THAT(result.out, Not(HasSubstr("hunter2")));
    EXPECT_FALSE(std::filesystem::exists(file("ran")));
    EXPECT_EQ(events().size(), 0U);
}

} // namespace
} // namespace lab::e2e
