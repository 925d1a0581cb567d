// SPDX-License-Identifier: Apache-2.0
// `lab bisect start` and `lab bisect run`: a bisection between two stored results.
#include "api/client.h"
#include "base/json.h"
#include "base/sha256.h"
#include "tests/e2e/harness.h"

#include <csignal>
#include <cstdlib>
#include <re2/re2.h>
#include <sys/stat.h>

namespace lab::e2e {
namespace {

namespace fs = std::filesystem;

constexpr const char* good_sha = "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2";
constexpr const char* bad_sha = "f6e5d4c3b2a1f6e5d4c3b2a1f6e5d4c3b2a1f6e5";
constexpr const char* commit = "0123456789abcdef0123456789abcdef01234567";

class StoredBisectTest : public CliTest {
protected:
    StoredBisectTest() {
        fs::create_directory(file("tmp"));
        ::setenv("TMPDIR", file("tmp").c_str(), 1);
        ::unsetenv("LAB_RESULTSTORE");
        add("6.8.0-baseline", good_sha, {231, 232, 234, 235}, {});
        add("6.9.0-regression", bad_sha, {217, 220, 222, 225}, {});
        add("6.9.0-nosmt", bad_sha, {217, 220, 222, 225}, {"nosmt"});
        add("6.9.0-fine", bad_sha, {230, 232, 234, 236}, {});
        add("6.8.0-evil", good_sha, {231, 232, 234, 235}, {"init=/bin/\x1b]52;evil"});
        add("6.9.0-evil", bad_sha, {217, 220, 222, 225}, {"init=/bin/\x1b]52;evil"});
        write_file(file("samples.ndjson"), text_);
        EXPECT_EQ(lab({"result", "import", "samples.ndjson", "--output", "store"}).exit_code, 0);
    }

    ~StoredBisectTest() override { ::unsetenv("TMPDIR"); }

    void add(const std::string& profile, const std::string& sha, const std::vector<int>& values,
             const std::vector<std::string>& cmdline) {
        int count = 0;
        for (const int value : values) {
            text_ += nlohmann::json{{"sut", "pebble-test"},
                                    {"swprofile", profile},
                                    {"kernel_git_sha", sha},
                                    {"cmdline", cmdline},
                                    {"benchmark", "speedometer/v2.1"},
                                    {"resultclass", "score"},
                                    {"unit", "runs/min"},
                                    {"better", "higher"},
                                    {"session", std::to_string(count++ / 2)},
                                    {"value", value}}
                         .dump() +
                     "\n";
        }
    }

    [[nodiscard]] static std::vector<std::string> start(const std::string& good,
                                                        const std::string& bad) {
        return {"bisect",
                "start",
                "--sut",
                "pebble-test",
                "--good-swprofile",
                good,
                "--bad-swprofile",
                bad,
                "--benchmark",
                "speedometer/v2.1",
                "--resultclass",
                "score",
                "--resultstore",
                "store",
                "--context",
                "context.yaml"};
    }

    [[nodiscard]] static std::vector<std::string> with(std::vector<std::string> words,
                                                       const std::vector<std::string>& more) {
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }

    void start() const {
        const auto done = lab(start("6.8.0-baseline", "6.9.0-regression"));
        ASSERT_EQ(done.exit_code, 0) << done.err;
    }

    [[nodiscard]] static std::vector<std::string> run(const std::string& sha = commit) {
        return {"bisect",   "run",      "--context", "context.yaml", "--kernel",
                "b/" + sha, "--gitsha", sha,         "--quiet"};
    }

    [[nodiscard]] nlohmann::json run_json(const std::vector<std::string>& more = {}) const {
        return nlohmann::json::parse(lab(with(run(), with(more, {"-o", "json"}))).out);
    }

    void says(const std::string& lines) const { write_file(file("samples"), lines); }

    /// Every file of the store with its content.
    [[nodiscard]] std::string digest_of_store() const {
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::recursive_directory_iterator(file("store"))) {
            files.emplace(entry.path().string(), sha256_of(read_file(entry.path())));
        }
        return nlohmann::json(files).dump();
    }

    [[nodiscard]] bool nothing_is_written() const {
        return !fs::exists(file("context.yaml")) && fs::is_empty(file("tmp"));
    }

private:
    std::string text_;
};

TEST_F(StoredBisectTest, StartWritesAContextAndAStoreOfItsOwn) {
    const auto before = digest_of_store();
    for (const auto& entry : fs::directory_iterator(file("store"))) {
        fs::permissions(entry, fs::perms::owner_read);
    }
    fs::permissions(file("store"), fs::perms::owner_read | fs::perms::owner_exec);

    const auto done = lab(start("6.8.0-baseline", "6.9.0-regression"));

    ASSERT_EQ(done.exit_code, 0) << done.err;
    fs::permissions(file("store"), fs::perms::owner_all); // so that it can be removed
    EXPECT_EQ(digest_of_store(), before);
    EXPECT_FALSE(api::daemon_answers(file("home/run/labd.sock")));
    auto context = read_file(file("context.yaml"));
    RE2::GlobalReplace(&context, "resultstore-[0-9a-f]{12}", "resultstore-<random>");
    const auto dir = file("").parent_path().string();
    EXPECT_EQ(context, R"(plan:
  sut:
    name: "pebble-test"
  swprofiles:
    - cmdline: []
      sysctl: []
      bootscript: []
  benchmarks:
    - suite: "speedometer"
      name: "v2.1"
  defaults:
    benchmark:
      repeats: 2
      sessions: 2
good-swprofile: "6.8.0-baseline"
good_sha: "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2"
bad-swprofile: "6.9.0-regression"
bad_sha: "f6e5d4c3b2a1f6e5d4c3b2a1f6e5d4c3b2a1f6e5"
resultclass: "score"
resultstore: "csv://)" + dir +
                           R"(/store"
output-resultstore: ")" + dir +
                           R"(/tmp/bisect-resultstore-<random>/"
)");
    const auto copies = fs::directory_iterator(file("tmp"))->path();
    EXPECT_EQ(fs::status(copies).permissions(), fs::perms::owner_all);
    EXPECT_EQ(lab({"result", "list", copies, "--object", "swprofile", "-o", "id"}).out,
              "6.8.0-baseline\n6.9.0-regression\n");
}

TEST_F(StoredBisectTest, StartKnowsHowAMachineIsReached) {
    write_file(file("key"), "secret", FileAccess::owner_only);

    const auto done = lab(with(start("6.8.0-baseline", "6.9.0-regression"),
                               {"--host", "test-server", "--user", "root", "--port", "2222",
                                "--keyfile", "key", "--warmups", "1", "-o", "json"}));

    ASSERT_EQ(done.exit_code, 0) << done.err;
    const auto json = nlohmann::json::parse(done.out);
    EXPECT_EQ(json["good"]["sha"], good_sha);
    EXPECT_NEAR(json["bad"]["mean"].get<double>(), 221, 1e-9);
    const auto context = read_file(file("context.yaml"));
    EXPECT_NE(context.find("  sut:\n    name: \"pebble-test\"\n    connection:\n      method: SSH\n"
                           "      params:\n        host: \"test-server\"\n        user: \"root\"\n"
                           "        port: 2222\n        keyfile: \"" +
                           file("key").string() + "\"\n"),
              std::string::npos)
        << context;
    EXPECT_NE(context.find("      warmups: 1\n"), std::string::npos);
}

TEST_F(StoredBisectTest, StartSaysEverythingThatIsWrong) {
    expect_golden("bisect-start-nothing", {"bisect", "start"});
    expect_golden(
        "bisect-start-options",
        {"bisect",      "start",       "--host",           "a",     "--host",          "-oX",
         "--port",      "70000",       "--user",           "a b",   "--keyfile",       "nosuch",
         "--sut",       "s",           "--good-swprofile", "g",     "--bad-swprofile", "b",
         "--benchmark", "speedometer", "--resultclass",    "score", "--resultstore",   "store",
         "--context",   "lab.yaml"});
    expect_golden("bisect-start-unknown", start("6.8.0-baselin", "7.0"));
    expect_golden("bisect-start-differs", start("6.8.0-baseline", "6.9.0-nosmt"));
    expect_golden("bisect-start-same-level", start("6.8.0-baseline", "6.9.0-fine"));
    expect_golden("bisect-start-swapped", start("6.9.0-regression", "6.8.0-baseline"));
    EXPECT_TRUE(nothing_is_written());
}

TEST_F(StoredBisectTest, StartRefusesStoresAndSuts) {
    auto words = start("6.8.0-baseline", "6.9.0-regression");
    words[13] = "mysql://me:hunter2@host/db";
    expect_golden("bisect-start-password", words);
    words[13] = "nowhere";
    expect_golden("bisect-start-no-store", words);
    words[13] = "store";
    words[3] = "pebble-tset";
    expect_golden("bisect-start-no-sut", words);
    EXPECT_TRUE(nothing_is_written());
}

TEST_F(StoredBisectTest, StartShowsWhatOfTheStoreRunsAsRoot) {
    const auto done = lab(start("6.8.0-evil", "6.9.0-evil"));

    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_NE(done.err.find("cmdline: init=/bin/\\x1b]52;evil"), std::string::npos) << done.err;
}

TEST_F(StoredBisectTest, StartAsksBeforeAForeignStoreRunsAnything) {
    ASSERT_EQ(::chmod(file("store").c_str(), 0777), 0);

    const auto refused = lab(start("6.8.0-evil", "6.9.0-evil"));

    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_NE(refused.err.find("others may write to it (mode 0777)"), std::string::npos)
        << refused.err;
    EXPECT_TRUE(nothing_is_written());
    EXPECT_EQ(lab(with(start("6.8.0-evil", "6.9.0-evil"), {"--yes"})).exit_code, 0);
}

TEST_F(StoredBisectTest, StartAsksNothingWhereNothingRuns) {
    ASSERT_EQ(::chmod(file("store").c_str(), 0777), 0);

    EXPECT_EQ(lab(start("6.8.0-baseline", "6.9.0-regression")).exit_code, 0);
}

TEST_F(StoredBisectTest, StartReplacesNoFile) {
    write_file(file("context.yaml"), "mine");

    const auto done = lab(start("6.8.0-baseline", "6.9.0-regression"));

    EXPECT_EQ(done.exit_code, 4);
    EXPECT_EQ(read_file(file("context.yaml")), "mine");
    EXPECT_TRUE(fs::is_empty(file("tmp")));
}

TEST_F(StoredBisectTest, StartTakesTheStoreOfTheEnvironment) {
    ::setenv("LAB_RESULTSTORE", "store", 1);
    auto words = start("6.8.0-baseline", "6.9.0-regression");
    words.erase(words.begin() + 12, words.begin() + 14);

    const auto done = lab(with(words, {"--dry-run"}));
    ::unsetenv("LAB_RESULTSTORE");

    EXPECT_EQ(done.out, "would write context.yaml\n") << done.err;
    EXPECT_TRUE(nothing_is_written());
}

TEST_F(StoredBisectTest, RunSaysGoodBadAndSkip) {
    start();
    says("219\n");
    expect_golden("bisect-run-bad", run());
    says("234\n");
    expect_golden("bisect-run-good", run("1" + std::string(commit)));
    says("228\n220\n236\n224\n232\n");
    expect_golden("bisect-run-skip", run("2" + std::string(commit)));
}

TEST_F(StoredBisectTest, RunTakesOneSampleOfAClearCommitAndFiveOfAnother) {
    start();
    says("227\n221\n222\n220\n223\n");

    EXPECT_EQ(run_json()["samples"].size(), 5U);
    EXPECT_EQ(lab(run()).exit_code, 1);

    says("234\n");
    const auto clear =
        nlohmann::json::parse(lab(with(run("3" + std::string(commit)), {"-o", "json"})).out);
    EXPECT_EQ(clear["samples"].size(), 1U);
    EXPECT_EQ(clear["verdict"], "good");
}

TEST_F(StoredBisectTest, RunMeasuresNothingTwice) {
    start();
    says("219\n");
    ASSERT_EQ(lab(run()).exit_code, 1);
    says("no number\n");

    const auto again = lab(run());

    EXPECT_EQ(again.exit_code, 1);
    EXPECT_EQ(again.out.find("Executing"), std::string::npos);
    EXPECT_EQ(nlohmann::json::parse(lab({"job", "list", "-o", "json"}).out).size(), 1U);
}

TEST_F(StoredBisectTest, RunTriesACommitWithoutSamplesAgain) {
    start();
    says("error 1 make: exit code 2\n219\n");
    expect_golden("bisect-run-broken", run());

    EXPECT_EQ(lab(run()).exit_code, 1);
}

TEST_F(StoredBisectTest, RunTakesAPanicAsItIsTold) {
    start();
    says("error 2 Kernel panic - not syncing\nerror 2 Kernel panic - not syncing\n");

    expect_golden("bisect-run-panic", run());
    EXPECT_EQ(lab(with(run(), {"--panic-is", "bad"})).exit_code, 1);
}

TEST_F(StoredBisectTest, RunJudgesByProbability) {
    start();
    says("230\n233\n232\n");

    const auto json = run_json({"--classifier", "bayes"});

    EXPECT_EQ(json["verdict"], "good");
    EXPECT_GE(json["samples"].size(), 2U);
    EXPECT_LE(json["chance_bad"].get<double>(), 0.01);
}

TEST_F(StoredBisectTest, RunMakesNoTroubleAVerdict) {
    start();
    says("infra\n");
    expect_golden("bisect-run-infra", run());
    says("endless\n");
    EXPECT_EQ(lab(with(run(), {"--timeout", "1s"})).exit_code, 128);
    EXPECT_NE(lab({"job", "list", "-o", "csv"}).out.find("cancelled"), std::string::npos);
    expect_golden("bisect-run-nothing", {"bisect", "run"});
    expect_golden("bisect-run-no-context",
                  {"bisect", "run", "--context", "nosuch", "--kernel", "b/c", "--gitsha", commit});
    expect_golden("bisect-run-options",
                  {"bisect", "run", "--context", "context.yaml", "--kernel", "/boot/vmlinuz",
                   "--modules", "m.tar", "--gitsha", "HEAD"});
    EXPECT_EQ(lab(with(run(), {"--nonsense"})).exit_code, 128);
    write_file(file("context.yaml"), "plan: 1\n");
    expect_golden("bisect-run-bad-context", run());
}

TEST_F(StoredBisectTest, RunCancelsItsJobWhenItIsInterrupted) {
    start();
    says("endless\n");
    auto words = run();
    words.pop_back(); // --quiet

    const auto result = interrupt(words, "invocation 1", SIGINT);

    EXPECT_EQ(result.exit_code, 130);
    EXPECT_NE(result.err.find("interrupted; job"), std::string::npos) << result.err;
    EXPECT_EQ(lab({"job", "wait"}).exit_code, 130);
}

TEST_F(StoredBisectTest, RunRefusesASecondCommitOfTheSameName) {
    start();
    says("219\n227\n");
    ASSERT_EQ(lab(run()).exit_code, 1);
    const auto twin = std::string(commit).substr(0, 12) + std::string(28, 'f');

    const auto done = lab(run(twin));

    EXPECT_EQ(done.exit_code, 128) << done.out;
}

TEST_F(StoredBisectTest, ARangeMayBeNamedLikeAVerb) {
    const auto result = lab({"bisect", "start..run", "--vm", "v", "--on", "t", "--bench", "a/b",
                             "--dry-run", "-o", "json"});

    const auto spec = nlohmann::json::parse(result.out);
    EXPECT_EQ(spec["good"], "start");
    EXPECT_EQ(spec["bad"], "run");
}

} // namespace
} // namespace lab::e2e
