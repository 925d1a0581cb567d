// SPDX-License-Identifier: Apache-2.0
// Each verb's own words and results.
#include "base/json.h"
#include "base/text.h"
#include "tests/e2e/harness.h"

namespace lab::e2e {
namespace {

class VerbTest : public CliTest {};

TEST_F(VerbTest, BuildShowsWhatWasBuilt) {
    expect_golden("build", {"build", "pebble-build/good"});
    expect_golden("build-json", {"build", "pebble-build/good", "-o", "json", "--quiet"});
    expect_golden("build-broken", {"build", "pebble-build/broken"});
    expect_golden("build-dry-run",
                  {"build", "pebble-build/a/b", "--clean", "--mode", "kernel", "--dry-run"});
}

TEST_F(VerbTest, BuildDetachedPrintsItsJob) {
    const auto result = lab({"build", "pebble-build/endless", "--detach", "-o", "id"});

    EXPECT_EQ(result.out, "01JOB000000000000000000001\n");
    EXPECT_EQ(result.exit_code, 0);
}

TEST_F(VerbTest, InstallShowsWhatWasInstalled) {
    expect_golden("install", {"install", "pebble-build/good/pebble-test", "--in", "pebble-build"});
}

TEST_F(VerbTest, TestShowsSamplesOrJudges) {
    expect_golden("test-bench",
                  {"test", "pebble-build/good/pebble-test", "--bench", "pebble/ioctl"});
    expect_golden("test-command", {"test", "pebble-build/good/pebble-test", "--", "test", "a b"});
    expect_golden("test-nothing", {"test", "pebble-build/good/pebble-test"});
}

TEST_F(VerbTest, TestTakesTheWordsForClockAndQuiet) {
    expect_golden("test-quiet-wrong",
                  {"test", "pebble-test", "--bench", "pebble/ioctl", "--quiet-host", "please"});
    expect_golden("test-quiet-command",
                  {"test", "pebble-test", "--quiet-host", "pause", "--", "true"});
}

TEST_F(VerbTest, PlanIsCheckedAndCarriedOut) {
    write_file(file("plan.yaml"), "sut: pebble-test\n");
    expect_golden("plan-check", {"plan", "check", "plan.yaml"});
    expect_golden("plan-exec", {"plan", "exec", "--output", "results", "plan.yaml"});
    expect_golden("plan-resume-unknown", {"plan", "resume", "nosuch"});
    expect_golden("plan-missing", {"plan", "check", "nosuch.yaml"});
    expect_golden("plan-no-output", {"plan", "exec", "plan.yaml"});
}

TEST_F(VerbTest, BisectEndsAsGitDoes) {
    expect_golden("bisect", {"bisect", "good..bad", "--vm", "pebble-build", "--on", "pebble-test",
                             "--bench", "pebble/ioctl"});
    expect_golden("bisect-status", {"bisect", "status"});
    expect_golden("bisect-log", {"bisect", "log"});
    expect_golden("bisect-yaml", {"bisect", "status", "-o", "yaml"});
}

TEST_F(VerbTest, BisectIsReportedInEveryForm) {
    ASSERT_EQ(lab({"bisect", "good..bad", "--vm", "pebble-build", "--on", "pebble-test", "--bench",
                   "pebble/ioctl"})
                  .exit_code,
              0);

    expect_golden("bisect-report", {"bisect", "report"});
    expect_golden("bisect-report-txt", {"bisect", "report", "-o", "txt"});
    expect_golden("bisect-report-md", {"bisect", "report", "@last", "-o", "md"});
    expect_golden("bisect-report-form", {"bisect", "report", "-o", "pdf"});
    const auto data = nlohmann::json::parse(lab({"bisect", "report", "-o", "json"}).out);
    EXPECT_EQ(data["conclusion"], "found");
    EXPECT_EQ(data["spec"]["vm"], "pebble-build");
    EXPECT_EQ(data["steps"].size(), 1U);
}

TEST_F(VerbTest, BisectReportIsOneFile) {
    ASSERT_EQ(lab({"bisect", "good..bad", "--vm", "pebble-build", "--on", "pebble-test", "--bench",
                   "pebble/ioctl"})
                  .exit_code,
              0);

    const auto html = lab({"bisect", "report", "@last", "-o", "html"});
    const auto written = lab({"bisect", "report", "-o", "html", "--output", "r.html"});
    const auto by_suffix = lab({"bisect", "report", "--output", "s.html"});
    const auto asked = lab({"bisect", "report", "-o", "md", "--output", "m.html"});
    const auto dry = lab({"--dry-run", "bisect", "report", "-o", "html", "--output", "no.html"});

    ASSERT_EQ(html.exit_code, 0) << html.err;
    EXPECT_EQ(html.out.rfind("<!doctype html>", 0), 0U);
    EXPECT_NE(html.out.find("0123456789ab is the first bad commit"), std::string::npos);
    EXPECT_NE(html.out.find("<svg"), std::string::npos);
    EXPECT_EQ(html.out.find("<script"), std::string::npos);
    EXPECT_EQ(written.out, file("r.html").string() + "\n") << written.err;
    EXPECT_EQ(read_file(file("r.html")), html.out);
    EXPECT_EQ(by_suffix.exit_code, 0);
    EXPECT_EQ(read_file(file("s.html")), html.out);
    EXPECT_EQ(asked.exit_code, 0);
    EXPECT_EQ(read_file(file("m.html")).find("<!doctype"), std::string::npos);
    EXPECT_EQ(dry.exit_code, 0) << dry.err;
    EXPECT_FALSE(std::filesystem::exists(file("no.html")));
}

TEST_F(VerbTest, OnlyBisectionsAreReported) {
    ASSERT_EQ(lab({"build", "pebble-build/good"}).exit_code, 0);

    EXPECT_EQ(lab({"bisect", "report", "@last"}).exit_code, 2);
    EXPECT_EQ(lab({"bisect", "report"}).exit_code, 3);
}

TEST_F(VerbTest, BisectSubmitsWhatWasSaid) {
    const auto result = lab({"bisect",
                             "a/b..c",
                             "--vm",
                             "v",
                             "--on",
                             "t",
                             "--confidence",
                             "0.9",
                             "--first-parent",
                             "--path",
                             "x",
                             "--path",
                             "y z",
                             "--kernel-only",
                             "--jobs",
                             "3",
                             "--dry-run",
                             "-o",
                             "json",
                             "--",
                             "a && b"});

    const auto spec = nlohmann::json::parse(result.out);
    EXPECT_EQ(spec["good"], "a/b");
    EXPECT_EQ(spec["bad"], "c");
    EXPECT_EQ(spec["confidence"], 0.9);
    EXPECT_EQ(spec["paths"], (nlohmann::json{"x", "y z"}));
    EXPECT_EQ(spec["check"]["command"], "a && b");
    EXPECT_EQ(spec["jobs"], 3);
    EXPECT_EQ(spec["kernel_only"], true);
    EXPECT_EQ(spec["first_parent"], true);
}

TEST_F(VerbTest, BisectPartsTakeTheNewestBisection) {
    const std::vector<std::string> machines{"--vm", "v", "--on", "t", "--bench", "a/b"};
    std::vector<std::string> words{"bisect", "endless..bad", "--detach"};
    words.insert(words.end(), machines.begin(), machines.end());
    ASSERT_EQ(lab(words).exit_code, 0);
    ASSERT_EQ(lab({"build", "pebble-build/good"}).exit_code, 0);

    expect_golden("bisect-running", {"bisect", "status"});
    EXPECT_EQ(lab({"bisect", "abort"}).exit_code, 0);
    EXPECT_EQ(lab({"bisect", "resume", "01JOB000000000000000000001"}).exit_code, 0);
    EXPECT_EQ(lab({"bisect", "resume", "01JOB000000000000000000002"}).exit_code, 4);
}

TEST_F(VerbTest, BisectPartsWithoutABisectionAreNotFound) {
    expect_golden("bisect-none", {"bisect", "status"});
}

/// A repository of 20 commits in a line, made by git.
class NextTest : public VerbTest {
protected:
    NextTest() {
        git({"init", "-q", "-b", "main"});
        for (int i = 0; i < 20; ++i) {
            git({"-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-q",
                 "--allow-empty", "-m", std::to_string(i)});
        }
    }

    std::string git(std::vector<std::string> words) const {
        words.insert(words.begin(), {"git", "-C", file("").string()});
        return std::string(trim(run_process_checked({.argv = std::move(words)}).out));
    }
};

TEST_F(NextTest, GoesGitsWayWithoutADaemon) {
    const auto from = git({"rev-parse", "main~19"});
    const auto answer =
        lab({"bisect", "next", "--good", from, "--bad", "main", "--strategy", "git", "-o", "json"});

    ASSERT_EQ(answer.exit_code, 0) << answer.err;
    const auto json = nlohmann::json::parse(answer.out);
    EXPECT_EQ(json["next"][0]["commit"], git({"rev-list", "--bisect", "main", "^" + from}));
    EXPECT_EQ(json["remaining"], 19);
    EXPECT_FALSE(std::filesystem::exists(file("home")));
}

TEST_F(NextTest, TakesObservationsAndSkips) {
    const auto good = git({"rev-parse", "main~19"});
    const auto first_bad = git({"rev-parse", "main~8"});
    std::string seen;
    for (const auto& [revision, outcome] :
         {std::pair("main~19", "pass"), {"main", "fail"}, {"main~9", "pass"}, {"main~8", "fail"}}) {
        for (int i = 0; i < 12; ++i) {
            seen += R"({"commit":")" + git({"rev-parse", revision}) + R"(","outcome":")" + outcome +
                    "\"}\n";
        }
    }
    write_file(file("seen"), seen);

    const auto answer = lab({"bisect", "next", "--good", good, "--bad", "main", "--observations",
                             file("seen").string(), "--skip", "main~15..main~12", "-o", "json"});

    ASSERT_EQ(answer.exit_code, 0) << answer.err;
    const auto conclusion = nlohmann::json::parse(answer.out)["conclusion"];
    EXPECT_EQ(conclusion["kind"], "found");
    EXPECT_EQ(conclusion["suspects"][0]["commit"], first_bad);
}

TEST_F(NextTest, RefusesBadInputWithOneLine) {
    write_file(file("seen"), "{}\n");
    const std::vector<std::string> next{"bisect", "next", "--good", "main~19", "--bad", "main"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), next.begin(), next.end());
        return lab(more);
    };

    const auto bad_line = with({"--observations", "seen"});
    const auto no_commit = with({"--skip", "nothing"});
    const auto reversed = lab({"bisect", "next", "--good", "main", "--bad", "main~3"});

    EXPECT_EQ(bad_line.exit_code, 2);
    EXPECT_NE(bad_line.err.find("seen:1: is no observation"), std::string::npos) << bad_line.err;
    EXPECT_EQ(no_commit.exit_code, 2) << no_commit.err;
    EXPECT_EQ(reversed.exit_code, 2);
    EXPECT_NE(reversed.err.find("is an ancestor of a good commit"), std::string::npos);
}

TEST_F(VerbTest, VmListsStartsAndStops) {
    expect_golden("vm-list", {"vm", "list"});
    expect_golden("vm-create", {"vm", "create", "pebble-test"});
    expect_golden("vm-start", {"vm", "start", "pebble-build/good/pebble-test"});
    expect_golden("vm-stop", {"vm", "stop", "pebble-test"});
    expect_golden("vm-stop-unknown", {"vm", "stop", "nosuch"});
    expect_golden("vm-ssh-console", {"vm", "ssh", "pebble-test"});
}

TEST_F(VerbTest, VmCreateAddsAMachineToTheConfiguration) {
    const auto before = read_file(file("lab.yaml"));

    expect_golden("vm-create-machine", {"vm", "create", "second", "--machine", "pebble"});

    EXPECT_EQ(read_file(file("lab.yaml")), before + "  second:\n    machine: pebble\n");
    EXPECT_EQ(lab({"vm", "create", "second", "--machine", "pebble"}).exit_code, 4);
    EXPECT_EQ(lab({"vm", "create", "-x", "--machine", "pebble"}).exit_code, 2);
    EXPECT_EQ(lab({"vm", "create", "../x", "--machine", "pebble"}).exit_code, 2);
    EXPECT_EQ(read_file(file("lab.yaml")), before + "  second:\n    machine: pebble\n");
}

TEST_F(VerbTest, SutsAreAddedListedAndForgotten) {
    expect_golden("sut-list", {"sut", "list"});
    expect_golden("sut-fingerprint", {"sut", "fingerprint", "box-1"});
    expect_golden("sut-add", {"sut", "add", "box-3", "--host", "box", "--power-cycle",
                              "pdu 'port 7' cycle", "--yes"});
    expect_golden("sut-release", {"sut", "release", "box-2"});
    expect_golden("sut-remove", {"sut", "remove", "box-1"});
    expect_golden("sut-list-json", {"sut", "list", "-o", "json"});
}

TEST_F(VerbTest, SutsSayWhatIsWrong) {
    expect_golden("sut-add-unasked", {"sut", "add", "box-3", "--host", "box"});
    expect_golden("sut-add-gone", {"sut", "add", "box-3", "--host", "gone", "--yes"});
    expect_golden("sut-add-words",
                  {"sut", "add", "box-3", "--host", "box", "--power-cycle", "pdu 'port"});
    expect_golden("sut-release-fine", {"sut", "release", "box-1"});
    expect_golden("sut-unknown", {"sut", "fingerprint", "nosuch"});
}

TEST_F(VerbTest, TemplateImageAndDoctorShowTheLab) {
    expect_golden("template-list", {"template", "list"});
    expect_golden("template-show", {"template", "show", "pebble"});
    expect_golden("template-unknown", {"template", "show", "nosuch"});
    expect_golden("image-list", {"image", "list"});
    expect_golden("image-gc", {"image", "gc", "--yes", "--keep", "1GiB"});
    expect_golden("image-gc-unasked", {"image", "gc"});
    expect_golden("image-verify", {"image", "verify"});
    expect_golden("doctor", {"doctor"});
}

TEST_F(VerbTest, JobShowsCancelsWaits) {
    ASSERT_EQ(lab({"build", "pebble-build/good"}).exit_code, 0);
    expect_golden("job-show", {"job", "show"});
    expect_golden("job-logs", {"job", "logs", "-f"});
    expect_golden("job-wait", {"job", "wait", "01JOB000000000000000000001"});
    expect_golden("job-cancel-late", {"job", "cancel", "01JOB000000000000000000001"});
    expect_golden("job-unknown", {"job", "show", "nosuch"});

    ASSERT_EQ(lab({"build", "pebble-build/endless", "--detach"}).exit_code, 0);
    EXPECT_EQ(lab({"job", "wait", "--timeout", "100ms"}).exit_code, 6);
    EXPECT_EQ(lab({"job", "cancel", "@last"}).exit_code, 0);
    EXPECT_EQ(lab({"job", "wait"}).exit_code, 130);
}

TEST_F(VerbTest, WhatRunsIsFollowedRatherThanWhatIsNewer) {
    const auto started = lab({"build", "pebble-build/endless", "--detach", "-o", "id"});
    ASSERT_EQ(started.exit_code, 0);
    ASSERT_EQ(lab({"build", "pebble-build/good"}).exit_code, 0);

    const auto waited = lab({"job", "wait", "--timeout", "100ms"});

    EXPECT_EQ(waited.exit_code, 6);
    EXPECT_NE(waited.err.find("job " + std::string(trim(started.out)) + ": still running"),
              std::string::npos)
        << waited.err;
}

TEST_F(VerbTest, DryRunsOnlySay) {
    ASSERT_EQ(lab({"daemon", "start"}).exit_code, 0);
    for (const std::vector<std::string>& words : {std::vector<std::string>{"daemon", "stop"},
                                                  {"vm", "stop", "x"},
                                                  {"job", "cancel", "x"}}) {
        auto dry = words;
        dry.insert(dry.begin(), "--dry-run");
        const auto said = lab(dry);
        EXPECT_EQ(said.exit_code, 0) << said.err;
        EXPECT_EQ(said.out.rfind("would ", 0), 0U) << said.out;
    }
    EXPECT_EQ(lab({"daemon", "status"}).exit_code, 0);
}

TEST_F(VerbTest, NamesWithASlashAreRefused) {
    EXPECT_EQ(lab({"vm", "stop", "../x"}).exit_code, 2);
    EXPECT_EQ(lab({"job", "show", "../x"}).exit_code, 2);
}

TEST_F(VerbTest, InitWritesAConfigurationOnce) {
    EXPECT_EQ(lab({"init"}).exit_code, 4);
    std::filesystem::remove(file("lab.yaml"));
    EXPECT_EQ(lab({"init", "--template", "nosuch"}).exit_code, 3);

    EXPECT_EQ(lab({"init", "--source", "src"}).exit_code, 3);
    run_process_checked({.argv = {"git", "init", "-q", file("src").string()}});

    const auto result = lab({"init", "--source", "src"});

    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_NE(read_file(file("lab.yaml")).find("src"), std::string::npos);
    EXPECT_EQ(lab({"config", "check"}).exit_code, 0);
}

TEST_F(VerbTest, CompletionIsAsInTheGoldenFile) {
    expect_golden("completion-bash", {"completion", "bash"});
    expect_golden("completion-zsh", {"completion", "zsh"});
    expect_golden("completion-fish", {"completion", "fish"});
}

TEST_F(VerbTest, CompletionOfBashFindsVerbsAndOptions) {
    write_file(file("lab.bash"), lab({"completion", "bash"}).out);
    ProcessSpec spec;
    spec.argv = {
        "bash", "-c",
        "source \"$0\"; COMP_WORDS=(lab vm cre); COMP_CWORD=2; _lab; echo \"${COMPREPLY[*]}\";"
        "COMP_WORDS=(lab build x --cl); COMP_CWORD=3; _lab; echo \"${COMPREPLY[*]}\"",
        file("lab.bash")};

    EXPECT_EQ(run_process(spec).out, "create\n--clean\n");
}

} // namespace
} // namespace lab::e2e
