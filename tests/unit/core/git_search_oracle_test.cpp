// SPDX-License-Identifier: Apache-2.0
// Properties of GitSearch against the git program itself.
#include "core/git_search.h"
#include "git_history.h"

#include "base/files.h"
#include "base/text.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace lab::core::test {
namespace {

HistoryShape shape_of(std::uint32_t seed) {
    HistoryShape shape;
    shape.seed = seed;
    shape.commits = 8 + seed % 60;
    shape.merge_share = 0.05 * (seed % 7);
    shape.fork_share = 0.04 * (seed % 11);
    shape.largest_step = seed % 4;
    return shape;
}

std::map<std::string, std::string> variables(const std::string& text) {
    std::map<std::string, std::string> result;
    for (const auto& line : split(text, '\n')) {
        const auto equals = line.find('=');
        if (equals != std::string::npos) {
            auto value = line.substr(equals + 1);
            std::erase(value, '\'');
            result[line.substr(0, equals)] = value;
        }
    }
    return result;
}

std::string all_text(const GitSearch& search) {
    std::string text;
    for (const auto& entry : search.ranked()) {
        text += search.range().nodes()[entry.commit].id.hex() +
                " (dist=" + std::to_string(entry.distance) + ")\n";
    }
    return text;
}

/// Drops what git adds to the line of the branch's tip.
std::string without_branch(std::string text) {
    const std::string decoration = "HEAD -> main, ";
    if (const auto found = text.find(decoration); found != std::string::npos) {
        text.erase(found, decoration.size());
    }
    return text;
}

/// Narrows the range by random verdicts of whatever is proposed; compares every state with git.
void compare_walk(const GitHistory& history, const std::vector<std::string>& options,
                  std::uint32_t seed) {
    std::mt19937 random(seed);
    auto search = value_or_throw(GitSearch::create(history.range(options)));
    auto bad = history.bad().hex();
    std::vector<std::string> goods{"^" + history.good().hex()};
    while (true) {
        auto arguments = options;
        arguments.insert(arguments.begin(), {"rev-list", "--bisect-vars", bad});
        arguments.insert(arguments.end(), goods.begin(), goods.end());
        const auto expected = variables(history.git(arguments));
        arguments[1] = "--bisect-all";
        ASSERT_EQ(all_text(search), without_branch(history.git(arguments)));

        const auto step = search.next();
        const auto* proposal = std::get_if<Proposal>(&step);
        if (proposal == nullptr) {
            EXPECT_EQ(std::get<SearchEnd>(step).suspects.at(0).hex(), expected.at("bisect_rev"));
            EXPECT_EQ(expected.at("bisect_all"), "1");
            return;
        }
        ASSERT_EQ(proposal->commit.hex(), expected.at("bisect_rev"));
        ASSERT_EQ(std::to_string(proposal->revisions_left), expected.at("bisect_good"));
        ASSERT_EQ(std::to_string(proposal->steps), expected.at("bisect_steps"));
        if (random() % 2 == 0) {
            search.record(proposal->commit, Verdict::good);
            goods.push_back("^" + proposal->commit.hex());
        } else {
            search.record(proposal->commit, Verdict::bad);
            bad = proposal->commit.hex();
        }
    }
}

TEST(GitSearchOracle, MidpointsRanksAndNumbersEqualRevList) {
    const auto count = property_histories(12);
    for (std::uint32_t seed = 1; seed <= count; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const GitHistory history(plan_history(shape_of(seed)));

        compare_walk(history, {}, seed);

        if (HasFatalFailure() || HasNonfatalFailure()) {
            return;
        }
    }
}

TEST(GitSearchOracle, FirstParentChainsEqualRevList) {
    const auto count = property_histories(4);
    for (std::uint32_t seed = 1; seed <= count; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const GitHistory history(plan_history(shape_of(seed + 5000)));

        compare_walk(history, {"--first-parent"}, seed);

        if (HasFatalFailure() || HasNonfatalFailure()) {
            return;
        }
    }
}

/// Verdicts of a made-up session: descendants of the culprit are bad, a few commits are skipped.
class Truth {
public:
    Truth(const GitHistory& history, std::uint32_t seed, double skip_share) {
        std::mt19937 random(seed);
        const auto& ids = history.ids();
        culprit_ = ids[1 + random() % (ids.size() - 1)];
        for (const auto& id : ids) {
            const bool bad = history.ancestors(id).contains(culprit_.hex());
            const bool skipped = id != history.bad() && id != history.good() &&
                                 std::uniform_real_distribution<double>(0, 1)(random) < skip_share;
            verdicts_[id.hex()] = skipped ? Verdict::skip : bad ? Verdict::bad : Verdict::good;
        }
    }

    [[nodiscard]] const CommitId& culprit() const { return culprit_; }
    [[nodiscard]] Verdict of(const CommitId& id) const { return verdicts_.at(id.hex()); }

    /// Lines "<sha> <exit code>" for the script that git runs.
    [[nodiscard]] std::string table() const {
        std::string text;
        for (const auto& [id, verdict] : verdicts_) {
            const char* code = verdict == Verdict::skip  ? "125"
                               : verdict == Verdict::bad ? "1"
                                                         : "0";
            text += id + " " + code + "\n";
        }
        return text;
    }

private:
    CommitId culprit_;
    std::map<std::string, Verdict> verdicts_;
};

/// Commits asked about, one a line, then how it ended.
std::string own_session(const GitHistory& history, const Truth& truth) {
    auto search = value_or_throw(GitSearch::create(history.range()));
    std::string asked;
    while (true) {
        const auto step = search.next();
        if (const auto* end = std::get_if<SearchEnd>(&step)) {
            for (const auto& suspect : end->suspects) {
                asked += "end " + suspect.hex() + "\n";
            }
            return asked;
        }
        const auto& commit = std::get<Proposal>(step).commit;
        asked += commit.hex() + "\n";
        search.record(commit, truth.of(commit));
    }
}

std::string git_session(const GitHistory& history, const Truth& truth) {
    write_file(history.path() / "table", truth.table());
    write_file(history.path() / "judge",
               "read c <.git/BISECT_HEAD || exit 200\n"
               "echo $c >>asked\n"
               "while read sha code; do [ $sha = $c ] && exit $code; done <table\nexit 201\n");
    const auto output = history.shell("rm -f asked; git bisect start --no-checkout " +
                                      history.bad().hex() + " " + history.good().hex() +
                                      " >log 2>&1; git bisect run sh ./judge >>log 2>&1; "
                                      "touch asked; cat asked; cat log; git bisect log");
    std::string asked;
    std::string found;
    bool listing = false;
    const auto lines = split(output, '\n');
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto& line = lines[i];
        const bool is_id = line.size() == 40;
        if (line.starts_with("We cannot bisect more")) {
            listing = false;
        } else if (is_id && listing) {
            found += "end " + line + "\n";
        } else if (is_id) {
            asked += line + "\n";
        } else if (line.starts_with("The first bad commit could be any of")) {
            listing = true;
            found.clear();
        } else if (line.ends_with(" is the first bad commit")) {
            found = "end " + line.substr(0, 40) + "\n";
        }
    }
    return asked + found;
}

TEST(GitSearchOracle, WholeSessionsWithSkipsEqualBisectRun) {
    const auto count = property_histories(3);
    for (std::uint32_t seed = 1; seed <= count; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        auto shape = shape_of(seed + 100);
        shape.commits = 12 + seed % 30;
        const GitHistory history(plan_history(shape));
        const Truth truth(history, seed, 0.1 * (seed % 6));

        const auto own = own_session(history, truth);

        ASSERT_EQ(own, git_session(history, truth));
    }
}

} // namespace
} // namespace lab::core::test
