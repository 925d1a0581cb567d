// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/git/test_repo.h"

#include "base/error.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>

namespace lab::testing {
namespace {

class Resolve : public ::testing::Test {
protected:
    Resolve() {
        repo_.write("file", "one");
        first_ = repo_.commit_all("first");
        repo_.write("file", "two");
        second_ = repo_.commit_all("second\n\nbody");
        repo_.git({"tag", "-a", "-m", "text", "v1", first_.hex()});
        repo_.git({"tag", "tree", "HEAD^{tree}"});
        repo_.git({"branch", "topic/x", "HEAD~1"});
    }

    std::string refusal(const std::string& revision) {
        const auto answer = repo_.repo().resolve(revision);
        return answer ? "" : answer.error().front().message;
    }

    TestRepo repo_;
    core::CommitId first_;
    core::CommitId second_;
};

TEST_F(Resolve, AgreesWithGitOnWhatNamesACommit) {
    const std::vector<std::string> names{"HEAD",
                                         "main",
                                         "v1",
                                         "v1^{}",
                                         "main~1",
                                         "main^",
                                         "HEAD^^{commit}",
                                         "topic/x",
                                         "refs/heads/main",
                                         "heads/main",
                                         "tags/v1",
                                         "@",
                                         "main@{0}",
                                         first_.abbreviated(),
                                         second_.hex()};
    for (const auto& name : names) {
        const auto answer = repo_.repo().resolve(name);

        ASSERT_TRUE(answer.has_value()) << name << ": " << refusal(name);
        EXPECT_EQ(answer.value().hex(),
                  repo_.git({"rev-parse", "--verify", "--end-of-options", name + "^{commit}"}))
            << name;
    }
}

TEST_F(Resolve, RefusesWhatIsNoNameOfOneCommit) {
    for (const std::string& text :
         {std::string(), std::string("-x"), std::string("--upload-pack=touch x"),
          std::string(":/first"), std::string(":file"), std::string("@{-1}"),
          std::string("main..v1"), std::string("main...v1"), std::string("^main"),
          std::string("main^{/first}"), std::string("a\nb"), std::string("a\0b", 3),
          std::string("a\x7f"), std::string(10'000, 'a')}) {
        EXPECT_NE(refusal(text).find("not a commit name"), std::string::npos) << text.substr(0, 40);
    }
    for (const std::string text : {"$(id)", "a;b", "nothing", "v9", "main~99", "0123456789"}) {
        EXPECT_NE(refusal(text), "") << text;
    }
}

TEST_F(Resolve, SaysThatATreeIsNotACommit) {
    EXPECT_NE(refusal("tree").find("is not a commit"), std::string::npos);
    EXPECT_NE(refusal("HEAD:file").find("is not a commit"), std::string::npos);
}

TEST_F(Resolve, SaysThatAShortIdIsAmbiguous) {
    // Of 1000 objects some two begin with the same four digits.
    std::string list;
    for (int i = 0; i < 1000; ++i) {
        const auto file = repo_.scratch() / std::to_string(i);
        std::ofstream(file) << "blob " << i;
        list += file.string() + "\n";
    }
    std::vector<std::string> arguments{"hash-object", "-w", "--"};
    for (const auto& file : split(trim(list), '\n')) {
        arguments.push_back(file);
    }
    auto ids = repo_.git_lines(arguments);
    std::sort(ids.begin(), ids.end());
    const auto pair = std::adjacent_find(ids.begin(), ids.end(), [](const auto& a, const auto& b) {
        return a.substr(0, 4) == b.substr(0, 4);
    });
    ASSERT_NE(pair, ids.end());

    EXPECT_NE(refusal(pair->substr(0, 4)).find("ambiguous"), std::string::npos);
}

TEST_F(Resolve, TellsAboutACommitAsGitShowsIt) {
    const auto info = repo_.repo().info(second_);

    EXPECT_EQ(info.tree, repo_.git({"rev-parse", "HEAD^{tree}"}));
    EXPECT_EQ(info.author, "Ada <ada@example.org>");
    EXPECT_EQ(info.date, repo_.git({"log", "-1", "--format=%ad"}));
    EXPECT_EQ(info.subject, "second");
    EXPECT_EQ(info.message, "second\n\nbody\n");
    EXPECT_EQ(info.parents, std::vector{first_});
}

TEST_F(Resolve, ReportsAMissingCommitAsNotFound) {
    try {
        static_cast<void>(repo_.repo().info(core::CommitId(std::string(40, 'a'))));
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::not_found);
    }
}

TEST(OpenRepository, ReportsADirectoryWithoutOneAsNotFound) {
    const TemporaryDirectory empty(std::filesystem::temp_directory_path(), "lab-git-");
    const auto repos = adapters::make_git_repos();

    for (const auto& path : {empty.path(), empty.path() / "missing"}) {
        try {
            static_cast<void>(repos->open(path));
            FAIL() << "no error";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::not_found) << path;
        }
    }
}

TEST(OpenRepository, KeepsOneObjectPerPath) {
    const TestRepo repo;
    const auto repos = adapters::make_git_repos();

    EXPECT_EQ(repos->open(repo.work()), repos->open(repo.work() / "."));
}

} // namespace
} // namespace lab::testing
