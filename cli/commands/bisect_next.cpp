// SPDX-License-Identifier: Apache-2.0
// `lab bisect next`: what to try next in a bisection that somebody else carries out.
#include "base/files.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/oracle.h"
#include "cli/repository.h"
#include "cli/whole_number.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iostream>
#include <iterator>

namespace lab::cli {
namespace {

constexpr int inconclusive_code = 7;

struct NextOptions {
    std::string repo;
    std::vector<std::string> good;
    std::string bad;
    std::vector<std::string> skips;
    std::string observations;
    std::string strategy = "bayes";
    std::vector<std::string> paths;
    double confidence = 0.99;
    unsigned jobs = 1;
    bool first_parent = false;
    bool higher = false;
    bool lower = false;
};

core::CommitId resolve(ports::SourceRepo& repo, const std::string& revision) {
    return value_or_throw(repo.resolve(revision));
}

std::vector<Seen> read_observations(const std::string& file) {
    if (file.empty()) {
        return {};
    }
    if (file == "-") {
        const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
        return value_or_throw(parse_observations(text, "stdin"));
    }
    return value_or_throw(parse_observations(read_file(file), file));
}

OracleQuestion question_of(ports::SourceRepo& repo, const NextOptions& options) {
    OracleQuestion question;
    for (const auto& good : options.good) {
        question.good.push_back(resolve(repo, good));
    }
    question.bad = resolve(repo, options.bad);
    question.range = repo.range(question.good, question.bad, {options.first_parent, options.paths});
    if (question.range.graph.size() == 0) {
        throw Error(ErrorCode::bad_input,
                    "--bad: " + cap(escape_for_terminal(options.bad), 80) +
                        " is an ancestor of a good commit, or one itself",
                    "good comes first, bad later");
    }
    const auto& nodes = question.range.graph.nodes();
    if (std::all_of(nodes.begin(), nodes.end(), [](const auto& node) { return node.tree_same; })) {
        throw Error(ErrorCode::bad_input,
                    "--path: no commit between good and bad touches " +
                        cap(escape_for_terminal(join(options.paths, ", ")), 200));
    }
    question.seen = read_observations(options.observations);
    for (const auto& text : options.skips) {
        for (const auto& commit : ports::commits_named(repo, text)) {
            // A range of skips may reach beyond what is bisected.
            if (question.range.graph.contains(commit)) {
                question.seen.push_back({commit, core::Skipped{}});
            }
        }
    }
    if (options.higher || options.lower) {
        question.direction =
            options.higher ? core::Direction::higher_is_better : core::Direction::lower_is_better;
    }
    question.confidence = options.confidence;
    question.jobs = options.jobs;
    return question;
}

using Subjects = std::function<std::string(const std::string& commit)>;

std::string percent(double probability) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f %%", probability * 100);
    return text.data();
}

/// How many more samples are wanted of a commit; 0 for one that is not wanted.
unsigned wanted_samples(const nlohmann::json& answer, const nlohmann::json& commit) {
    for (const auto& next : answer["next"]) {
        if (next["commit"] == commit) {
            return next["samples"].get<unsigned>();
        }
    }
    return 0;
}

/// The text for people; the whole answer is in the JSON.
Document document_of(const nlohmann::json& answer, const Subjects& subject) {
    constexpr std::size_t most_rows = 20;
    Document document;
    document.data = answer;
    for (const auto& next : answer["next"]) {
        document.ids.push_back(next["commit"]);
        document.before += "try " + next["commit"].get<std::string>() + " " +
                           std::to_string(next["samples"].get<unsigned>()) + " x  (" +
                           subject(next["commit"]) + ")\n";
    }
    document.table.headers = {"COMMIT", "PROBABILITY", "TRY", "SUBJECT"};
    for (const auto& candidate : answer["candidates"]) {
        if (document.table.rows.size() == most_rows) {
            break;
        }
        const auto samples = wanted_samples(answer, candidate["commit"]);
        document.table.rows.push_back({candidate["commit"], percent(candidate["probability"]),
                                       samples == 0 ? "" : std::to_string(samples) + " x",
                                       subject(candidate["commit"])});
    }
    const auto& conclusion = answer["conclusion"];
    document.after = conclusion.is_null()
                         ? std::to_string(answer["remaining"].get<std::size_t>()) +
                               " commits may be it, about " +
                               std::to_string(answer["steps"].get<std::size_t>()) +
                               " samples are still needed\n"
                         : conclusion["text"].get<std::string>() + "\nprobability " +
                               percent(conclusion["probability"]) + "\n";
    return document;
}

int next(Session& session, const NextOptions& options) {
    const auto repo = session.repositories().open(find_repository(options.repo));
    const auto question = question_of(*repo, options);
    const auto answer = options.strategy == "git" ? ask_git(question) : ask_bayes(question);
    session.out().print(document_of(answer, [&](const std::string& commit) {
        return cap(repo->info(core::CommitId(commit)).subject, 60);
    }));
    const auto& conclusion = answer["conclusion"];
    const bool no_answer = !conclusion.is_null() && conclusion["kind"] != "found";
    return no_answer ? inconclusive_code : 0;
}

void add_next_options(CLI::App& verb, NextOptions& options) {
    verb.add_option("--repo", options.repo, "Repository (default: here)")->option_text("DIR");
    verb.add_option("--good", options.good, "A revision that is good; may be repeated")
        ->option_text("REV")
        ->expected(1)
        ->take_all()
        ->required();
    verb.add_option("--bad", options.bad, "A revision that is bad")->option_text("REV")->required();
    verb.add_option("--skip", options.skips, "Cannot be tested; may be repeated")
        ->option_text("REV|A..B")
        ->expected(1)
        ->take_all();
    verb.add_option("--observations", options.observations, "What was seen, one object a line")
        ->option_text("FILE|-");
    verb.add_option("--strategy", options.strategy, "How commits are chosen")
        ->option_text("git|bayes")
        ->check(CLI::IsMember({"git", "bayes"}).name(""));
    verb.add_option("--path", options.paths, "Only commits that touch it; may be repeated")
        ->option_text("PATH")
        ->expected(1)
        ->take_all();
    verb.add_flag("--first-parent", options.first_parent, "Follow only first parents");
    verb.add_option("--confidence", options.confidence, "Chance of being right that is wanted")
        ->option_text("P")
        ->check(CLI::Range(0.500001, 0.999999).name(""));
    verb.add_option("--jobs", options.jobs, "Samples that can be taken at once")
        ->option_text("N")
        ->check(whole_number(1, 1000));
    auto* higher = verb.add_flag("--higher-is-better", options.higher, "Of the values");
    verb.add_flag("--lower-is-better", options.lower, "Of the values")->excludes(higher);
}

} // namespace

void add_bisect_next(CLI::App& bisect, Command& command) {
    auto* verb = bisect.add_subcommand("next", "Say what to try next; needs no lab and no daemon");
    auto options = std::make_shared<NextOptions>();
    verb->footer(
        "An observation is a line {\"commit\":\"<40 hex>\",\"outcome\":\"pass|fail|skip\"} "
        "or\n{\"commit\":\"<40 hex>\",\"value\":12.3}. Nothing is written anywhere. Exit code 7: "
        "it ended\n"
        "without one first bad commit.");
    add_next_options(*verb, *options);
    verb->callback([&command, options] {
        command.takes_words = TakesWords::no;
        command.action = [options](Session& session) {
            return next(session, *options);
        };
    });
}

} // namespace lab::cli
