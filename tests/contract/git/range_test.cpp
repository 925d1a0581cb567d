// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/git/test_repo.h"

#include "base/error.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>
#include <sstream>

namespace lab::testing {
namespace {

using core::CommitGraph;
using core::CommitId;

/// How the commit dates of a made-up history run.
enum class Dates {
    with_ties, ///< never backward, often equal
    skewed     ///< some clocks are wrong
};

/// A random history: each commit on one or two of the commits before it, touching one of three
/// files. Written by one git fast-import.
class RandomHistory {
public:
    RandomHistory(const TestRepo& repo, unsigned seed, Dates dates) : random_(seed) {
        for (int i = 0; i < 40; ++i) {
            add(i, dates);
        }
        const auto script = repo.scratch() / "history";
        const auto marks = repo.scratch() / "marks";
        write_file(script, script_);
        run_process_checked({.argv = {"sh", "-c", "git fast-import --quiet --export-marks=$2 <$1",
                                      "import", script.string(), marks.string()},
                             .directory = repo.work()});
        commits_.resize(files_.size());
        for (const auto& line : split(trim(read_file(marks)), '\n')) {
            const auto space = line.find(' ');
            commits_.at(std::stoul(line.substr(1, space)) - 1) = CommitId(line.substr(space + 1));
        }
    }

    [[nodiscard]] const std::vector<CommitId>& commits() const { return commits_; }
    [[nodiscard]] const CommitId& pick(std::size_t from, std::size_t to) {
        return commits_[number(from, to)];
    }

private:
    std::size_t number(std::size_t from, std::size_t to) {
        return std::uniform_int_distribution<std::size_t>(from, to - 1)(random_);
    }

    void add(int i, Dates dates) {
        const auto step = static_cast<long long>(number(0, 3));
        date_ += dates == Dates::with_ties ? step / 2 : step * 100 - 90;
        const auto when = std::to_string(1'700'000'000 + date_) + " +0000\n";
        const auto mark = std::to_string(files_.size() + 1);
        script_ +=
            "commit refs/heads/main\nmark :" + mark + "\ncommitter A <a@b> " + when + "data 0\n";
        // Content of a merge: the second parent's files, or something new.
        std::map<std::string, std::string> files;
        std::size_t parents = 0;
        if (!files_.empty()) {
            const auto first = recent();
            const auto second = recent();
            script_ += "from :" + std::to_string(first + 1) + "\n";
            files = files_[first];
            parents = 1;
            if (number(0, 4) == 0 && first != second) {
                script_ += "merge :" + std::to_string(second + 1) + "\n";
                files = files_[second];
                parents = 2;
            }
        }
        if (parents < 2 || number(0, 2) == 0) {
            files[std::string(1, static_cast<char>('a' + number(0, 3)))] = std::to_string(i);
        }
        script_ += "deleteall\n";
        for (const auto& [name, content] : files) {
            script_ += "M 100644 inline dir/" + name + "\ndata " + std::to_string(content.size()) +
                       "\n" + content + "\n";
        }
        script_ += "\n";
        files_.push_back(files);
    }

    std::size_t recent() {
        const auto size = files_.size();
        return number(size > 5 ? size - 5 : 0, size);
    }

    std::mt19937 random_;
    std::string script_;
    std::vector<std::map<std::string, std::string>> files_;
    std::vector<CommitId> commits_;
    long long date_ = 0;
};

std::vector<std::string> ids_of(const CommitGraph& graph) {
    std::vector<std::string> ids;
    for (const auto& node : graph.nodes()) {
        ids.push_back(node.id.hex());
    }
    return ids;
}

/// "id parent parent" per commit, parents outside left out.
std::vector<std::string> lines_of(const CommitGraph& graph) {
    std::vector<std::string> lines;
    for (const auto& node : graph.nodes()) {
        auto line = node.id.hex();
        for (const auto parent : node.parents) {
            line += " " + graph.nodes()[parent].id.hex();
        }
        lines.push_back(line);
    }
    return lines;
}

/// The same from the output of git rev-list --parents.
std::vector<std::string> inside_lines(const std::vector<std::string>& lines) {
    std::set<std::string> inside;
    for (const auto& line : lines) {
        inside.insert(line.substr(0, 40));
    }
    std::vector<std::string> kept;
    for (const auto& line : lines) {
        auto words = split(line, ' ');
        words.erase(std::remove_if(words.begin() + 1, words.end(),
                                   [&](const auto& id) { return inside.count(id) == 0; }),
                    words.end());
        kept.push_back(join(words, " "));
    }
    return kept;
}

bool children_come_first(const std::vector<std::string>& lines) {
    std::set<std::string> listed;
    return std::all_of(lines.begin(), lines.end(), [&](const std::string& line) {
        const auto words = split(line, ' ');
        listed.insert(words.front());
        return std::none_of(words.begin() + 1, words.end(),
                            [&](const auto& parent) { return listed.count(parent) != 0; });
    });
}

/// "id (dist=n)" of every commit that counts, as git rev-list --bisect-all prints them, sorted.
std::set<std::string> distances(const CommitGraph& graph) {
    const auto& nodes = graph.nodes();
    const auto count =
        std::count_if(nodes.begin(), nodes.end(), [](const auto& node) { return !node.tree_same; });
    std::set<std::string> lines;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].tree_same) {
            continue;
        }
        std::set<std::size_t> reached{i};
        for (const auto at : reached) { // parents have greater indices: a set's walk meets them
            reached.insert(nodes[at].parents.begin(), nodes[at].parents.end());
        }
        const auto weight = std::count_if(reached.begin(), reached.end(),
                                          [&](auto at) { return !nodes[at].tree_same; });
        lines.insert(nodes[i].id.hex() +
                     " (dist=" + std::to_string(std::min(weight, count - weight)) + ")");
    }
    return lines;
}

std::set<std::string> git_distances(const TestRepo& repo, const std::vector<std::string>& range) {
    std::vector<std::string> arguments{"rev-list", "--bisect-all"};
    arguments.insert(arguments.end(), range.begin(), range.end());
    std::set<std::string> lines;
    for (const auto& line : repo.git_lines(arguments)) {
        // Names of refs may stand in the parentheses as well.
        const auto at = line.find("dist=");
        lines.insert(line.substr(0, 40) + " (" +
                     line.substr(at, line.find_first_of(",)", at) - at) + ")");
    }
    return lines;
}

class Range : public ::testing::TestWithParam<unsigned> {};

TEST_P(Range, HasTheOrderAndParentsOfRevList) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    TestRepo repo;
    RandomHistory history(repo, GetParam(), Dates::with_ties);
    const auto& bad = history.commits().back();
    const std::vector<CommitId> good{history.pick(0, 15), history.pick(5, 25)};

    const auto range = repo.repo().range(good, bad, {});

    const std::vector<std::string> words{bad.hex(), "--not", good[0].hex(), good[1].hex()};
    auto arguments = words;
    arguments.insert(arguments.begin(), {"rev-list", "--parents"});
    auto ours = lines_of(range.graph);
    auto theirs = inside_lines(repo.git_lines(arguments));
    if (!children_come_first(theirs)) {
        // With equal dates git may list a parent before its child; a CommitGraph may not.
        std::sort(ours.begin(), ours.end());
        std::sort(theirs.begin(), theirs.end());
    }
    EXPECT_EQ(ours, theirs);
    EXPECT_EQ(distances(range.graph), git_distances(repo, words));
}

TEST_P(Range, HoldsTheSameCommitsWhateverTheClocksSaid) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    TestRepo repo;
    RandomHistory history(repo, GetParam(), Dates::skewed);
    const auto& bad = history.commits().back();
    const auto good = history.commits().front();

    // The constructor of CommitGraph has checked that children come before parents.
    auto ours = ids_of(repo.repo().range({good}, bad, {}).graph);

    auto theirs = repo.git_lines({"rev-list", bad.hex(), "--not", good.hex()});
    std::sort(ours.begin(), ours.end());
    std::sort(theirs.begin(), theirs.end());
    EXPECT_EQ(ours, theirs);
}

TEST_P(Range, FollowsFirstParentsOnly) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    TestRepo repo;
    RandomHistory history(repo, GetParam(), Dates::with_ties);
    const auto& bad = history.commits().back();
    const auto good = history.pick(0, 10);

    const auto range = repo.repo().range({good}, bad, {.first_parent = true});

    EXPECT_EQ(ids_of(range.graph),
              repo.git_lines({"rev-list", "--first-parent", bad.hex(), "--not", good.hex()}));
}

TEST_P(Range, CountsWithPathsWhatGitCounts) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    TestRepo repo;
    RandomHistory history(repo, GetParam(), Dates::with_ties);
    const auto& bad = history.commits().back();
    const auto good = history.pick(0, 10);

    for (const std::vector<std::string>& paths :
         {std::vector<std::string>{"dir/a"}, {"dir/b", "dir/c"}, {"dir"}, {"nowhere"}}) {
        const auto range = repo.repo().range({good}, bad, {.paths = paths});

        std::vector<std::string> words{bad.hex(), "--not", good.hex(), "--"};
        words.insert(words.end(), paths.begin(), paths.end());
        EXPECT_EQ(distances(range.graph), git_distances(repo, words)) << paths.front();
    }
}

TEST_P(Range, GivesTheMergeBasesOfGoodsThatAreNoAncestors) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    TestRepo repo;
    RandomHistory history(repo, GetParam(), Dates::with_ties);
    const auto& bad = history.pick(30, 40);
    const auto& good = history.pick(20, 40);

    const auto range = repo.repo().range({good}, bad, {});

    std::set<std::string> theirs;
    const auto bases = repo.git_lines({"merge-base", "--all", bad.hex(), good.hex()});
    if (bases != std::vector{good.hex()}) {
        theirs.insert(bases.begin(), bases.end());
    }
    std::set<std::string> ours;
    for (const auto& base : range.merge_bases) {
        ours.insert(base.hex());
    }
    EXPECT_EQ(ours, theirs);
    EXPECT_EQ(repo.repo().is_ancestor(good, bad), theirs.empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, Range, ::testing::Range(1U, 9U));

TEST(RangePaths, RefusesWhatLeavesTheRepository) {
    TestRepo repo;
    repo.write("file", "x");
    const auto commit = repo.commit_all("one");

    for (const std::string path : {"/etc", "../x", "a/../../b", ""}) {
        EXPECT_THROW(static_cast<void>(repo.repo().range({}, commit, {.paths = {path}})), Error)
            << path;
    }
}

TEST(RangeShallow, IsRefusedWithTheRemedy) {
    TestRepo repo;
    repo.write("file", "x");
    repo.commit_all("one");
    repo.write("file", "y");
    repo.commit_all("two");
    const auto clone = repo.scratch() / "clone";
    repo.git({"clone", "-q", "--depth", "1", "file://" + repo.work().string(), clone.string()});
    const auto shallow = adapters::make_git_repos()->open(clone);

    try {
        static_cast<void>(shallow->range({}, repo.head(), {}));
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_input);
        EXPECT_NE(error.hint().find("--unshallow"), std::string::npos);
    }
}

} // namespace
} // namespace lab::testing
