// SPDX-License-Identifier: Apache-2.0
// `lab result` on stores of files; it starts no daemon.
#include "api/client.h"
#include "base/json.h"
#include "tests/e2e/harness.h"

namespace lab::e2e {
namespace {

class ResultTest : public CliTest {
protected:
    ResultTest() {
        std::string text;
        const auto add = [&](const std::string& profile, const std::vector<int>& values) {
            int count = 0;
            for (const int value : values) {
                text += nlohmann::json{{"sut", "box"},
                                       {"swprofile", profile},
                                       {"benchmark", "speedometer/v2.1"},
                                       {"resultclass", "score"},
                                       {"unit", "runs/min"},
                                       {"better", "higher"},
                                       {"session", std::to_string(count++ / 2)},
                                       {"value", value}}
                            .dump() +
                        "\n";
            }
        };
        add("6.8.0-baseline", {217, 220, 222, 225});
        add("6.9.0-next", {231, 232, 234, 235});
        write_file(file("samples.ndjson"), text);
    }

    void import() const {
        ASSERT_EQ(lab({"result", "import", "samples.ndjson", "--output", "store"}).exit_code, 0);
    }
};

TEST_F(ResultTest, ImportMakesAStoreOnce) {
    expect_golden("result-import", {"result", "import", "samples.ndjson", "--output", "store"});
    expect_golden("result-exists", {"result", "import", "samples.ndjson", "--output", "store"});
    expect_golden("result-append",
                  {"result", "import", "samples.ndjson", "--output", "store", "--append"});
}

TEST_F(ResultTest, ImportReportsEveryBadLineAndWritesNothing) {
    write_file(file("bad.ndjson"), read_file(file("samples.ndjson")) + "{\"sut\":\"\"}\nNaN\n");

    expect_golden("result-import-bad", {"result", "import", "bad.ndjson", "--output", "store"});

    EXPECT_FALSE(std::filesystem::exists(file("store")));
}

TEST_F(ResultTest, ShowsStatistics) {
    import();

    expect_golden("result-show", {"result", "show", "store", "--swprofile", "6.8.0-baseline"});
    expect_golden("result-show-relative",
                  {"result", "show", "store", "--swprofile", "6.8.0-baseline", "--relative"});
    expect_golden("result-compare",
                  {"result", "show", "store", "--swprofile", "6.9.0-next", "--swprofile", "6.8*"});
    expect_golden("result-compare-json", {"result", "show", "store", "--swprofile",
                                          "6.8.0-baseline", "--swprofile", "6.9*", "-o", "json"});
    expect_golden("result-compare-csv",
                  {"result", "show", "store", "--swprofile", "*", "-o", "csv"});
    expect_golden("result-show-unknown", {"result", "show", "store", "--swprofile", "7*"});
    expect_golden("result-show-no-store", {"result", "show", "nowhere", "--swprofile", "x"});
    EXPECT_FALSE(api::daemon_answers(file("home/run/labd.sock")));
}

TEST_F(ResultTest, ListsObjects) {
    import();

    expect_golden("result-list-swprofile",
                  {"result", "list", "store", "--object", "swprofile", "--id", "*-next"});
    expect_golden("result-list-sut", {"result", "list", "store", "--object", "sut"});
    expect_golden("result-list-benchmark",
                  {"result", "list", "store", "--object", "benchmark", "-o", "yaml"});
    expect_golden("result-list-resultclass",
                  {"result", "list", "store", "--object", "resultclass"});
    expect_golden("result-list-id",
                  {"result", "list", "store", "--object", "swprofile", "-o", "id"});
}

TEST_F(ResultTest, MergesAndAddsNothingTwice) {
    import();
    const auto sqlite = "sqlite://" + file("other.db").string();

    expect_golden("result-merge", {"result", "merge", "store", "--output", sqlite});
    expect_golden("result-merge-again",
                  {"result", "merge", "store", "store", "--output", sqlite, "--append"});
    expect_golden("result-merge-some", {"result", "merge", sqlite, "--swprofile", "6.8*",
                                        "--output", "third", "-o", "json"});
    const auto of = [&](const std::string& store) {
        return lab({"result", "show", store, "--swprofile", "*", "-o", "json"}).out;
    };
    EXPECT_EQ(of("store"), of(sqlite));
}

TEST_F(ResultTest, DrawsAPicture) {
    import();

    const auto result =
        lab({"result", "show", "store", "--swprofile", "*", "--plot", "picture.svg"});

    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_NE(read_file(file("picture.svg")).find("</svg>"), std::string::npos);
}

TEST_F(ResultTest, RefusesAPasswordInAUrl) {
    expect_golden("result-password",
                  {"result", "show", "mysql://me:hunter2@host/db", "--swprofile", "x"});
    expect_golden("result-unknown-kind",
                  {"result", "show", "oracle://host/db", "--swprofile", "x"});
}

} // namespace
} // namespace lab::e2e
