// SPDX-License-Identifier: Apache-2.0
// What every verb has in common: help, starting the daemon, formats, errors, signals.
#include "api/client.h"
#include "base/clock.h"
#include "base/json.h"
#include "tests/e2e/harness.h"

#include <csignal>
#include <future>

namespace lab::e2e {
namespace {

struct HelpCase {
    const char* name;
    std::vector<std::string> words;
};

void PrintTo(const HelpCase& row, std::ostream* out) {
    *out << row.name;
}
class HelpTest : public CliTest, public testing::WithParamInterface<HelpCase> {};

TEST_P(HelpTest, IsAsInTheGoldenFile) {
    auto words = GetParam().words;
    words.emplace_back("--help");

    expect_golden(std::string("help-") + GetParam().name, words);
}

INSTANTIATE_TEST_SUITE_P(
    Verbs, HelpTest,
    testing::Values(HelpCase{"lab", {}}, HelpCase{"build", {"build"}},
                    HelpCase{"install", {"install"}}, HelpCase{"test", {"test"}},
                    HelpCase{"bisect", {"bisect"}}, HelpCase{"bisect_start", {"bisect", "start"}},
                    HelpCase{"bisect_run", {"bisect", "run"}}, HelpCase{"vm", {"vm"}},
                    HelpCase{"vm_create", {"vm", "create"}}, HelpCase{"vm_start", {"vm", "start"}},
                    HelpCase{"vm_ssh", {"vm", "ssh"}}, HelpCase{"vm_console", {"vm", "console"}},
                    HelpCase{"sut", {"sut"}}, HelpCase{"sut_add", {"sut", "add"}},
                    HelpCase{"template", {"template"}}, HelpCase{"image", {"image"}},
                    HelpCase{"image_gc", {"image", "gc"}}, HelpCase{"job", {"job"}},
                    HelpCase{"job_logs", {"job", "logs"}}, HelpCase{"job_wait", {"job", "wait"}},
                    HelpCase{"result", {"result"}}, HelpCase{"result_list", {"result", "list"}},
                    HelpCase{"result_show", {"result", "show"}},
                    HelpCase{"result_merge", {"result", "merge"}},
                    HelpCase{"result_import", {"result", "import"}}, HelpCase{"notify", {"notify"}},
                    HelpCase{"notify_test", {"notify", "test"}},
                    HelpCase{"notify_outbox", {"notify", "outbox"}},
                    HelpCase{"notify_outbox_drop", {"notify", "outbox", "drop"}},
                    HelpCase{"init", {"init"}}, HelpCase{"daemon", {"daemon"}},
                    HelpCase{"doctor", {"doctor"}}, HelpCase{"config", {"config"}},
                    HelpCase{"version", {"version"}}, HelpCase{"completion", {"completion"}}),
    [](const auto& row) { return row.param.name; });

TEST_F(CliTest, StartsTheDaemonWhenNoneAnswers) {
    EXPECT_EQ(lab({"daemon", "status"}).exit_code, 5);

    EXPECT_EQ(lab({"job", "list"}).exit_code, 0);

    EXPECT_EQ(lab({"daemon", "status"}).exit_code, 0);
    EXPECT_EQ(lab({"daemon", "stop"}).exit_code, 0);
    EXPECT_EQ(lab({"daemon", "status"}).exit_code, 5);
}

TEST_F(CliTest, StartersThatRaceShareOneDaemon) {
    std::vector<std::future<ProcessResult>> starters;
    for (int i = 0; i < 4; ++i) {
        starters.push_back(std::async(std::launch::async, [this] {
            return lab({"daemon", "start", "-o", "id"});
        }));
    }

    const auto first = starters.front().get();
    EXPECT_EQ(first.exit_code, 0) << first.err;
    for (std::size_t i = 1; i < starters.size(); ++i) {
        EXPECT_EQ(starters[i].get().out, first.out);
    }
}

TEST_F(CliTest, NeedsNoDaemonForWhatIsLocal) {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"version"}, {"config", "show"}, {"completion", "bash"}}) {
        EXPECT_EQ(lab(words).exit_code, 0) << words.front();
    }

    EXPECT_FALSE(api::daemon_answers(file("home/run/labd.sock")));
}

TEST_F(CliTest, PrintsTheSameListInEveryFormat) {
    ASSERT_EQ(lab({"build", "pebble-build/good"}).exit_code, 0);

    expect_golden("job-list-table", {"job", "list"});
    expect_golden("job-list-json", {"job", "list", "-o", "json"});
    expect_golden("job-list-yaml", {"-o", "yaml", "job", "list"});
    expect_golden("job-list-csv", {"job", "list", "--output", "csv"});
    expect_golden("job-list-id", {"job", "list", "-o", "id"});
}

TEST_F(CliTest, SaysNothingWhenItsReaderHasLeft) {
    // The read end is closed before anything is written.
    ProcessSpec spec;
    spec.argv = {"sh", "-c", "{ sleep 0.2; " LAB_BIN "/lab --help; echo $? >&2; } | true"};
    spec.timeout = std::chrono::seconds(30);
    EXPECT_EQ(run_process(spec).err, "141\n");
}

TEST_F(CliTest, ExplainsWrongWordsInOneLine) {
    expect_golden("error-no-verb", {"biuld"});
    expect_golden("error-option", {"build", "-rf"});
    expect_golden("error-format", {"job", "list", "-o", "xml"});
    expect_golden("error-target", {"build", "../x", "pebble-build"});
    expect_golden("error-unexpected-command", {"build", "pebble-build/good", "--", "x"});
    expect_golden("error-range", {"bisect", "good", "--vm", "v", "--on", "t", "--bench", "a/b"});
    expect_golden("error-not-found", {"build", "nosuch/good"});
    expect_golden("error-json", {"build", "nosuch/good", "-o", "json"});
}

TEST_F(CliTest, SaysWhereAConfigurationIsWrong) {
    write_file(file("lab.yaml"), "sources:\n  a: {path: .}\nbuidl_vms: {}\nbudget: {cpus: -1}\n");

    const auto result = lab({"config", "check"});

    EXPECT_EQ(result.exit_code, 2);
    EXPECT_NE(result.err.find("lab: error: lab.yaml:3:1: "), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("lab: error: lab.yaml:4:"), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
}

TEST_F(CliTest, RefusesAHomeWhosePathIsTooLong) {
    ProcessSpec spec;
    spec.argv = {LAB_BIN "/lab", "job", "list"};
    spec.environment = {{"LAB_HOME", "/tmp/" + std::string(100, 'x')}};

    const auto result = run_process(spec);

    EXPECT_EQ(result.exit_code, 2);
    EXPECT_NE(result.err.find("state path too long for a unix socket (119 > 107)"),
              std::string::npos)
        << result.err;
}

TEST_F(CliTest, DetachesOnASignalAndTheJobGoesOn) {
    for (const int number : {SIGINT, SIGTERM}) {
        const auto result = interrupt({"build", "pebble-build/endless"}, "building", number);

        EXPECT_EQ(result.exit_code, 130);
        EXPECT_NE(result.err.find("lab job cancel 01JOB"), std::string::npos) << result.err;
        const auto job = nlohmann::json::parse(lab({"job", "show", "-o", "json"}).out);
        EXPECT_EQ(job["job"]["state"], "running");
    }
}

} // namespace
} // namespace lab::e2e
