// SPDX-License-Identifier: Apache-2.0
#include "cli/oracle.h"

#include "base/text.h"
#include "core/git_search.h"
#include "core/statistics.h"

#include <algorithm>

namespace lab::cli {
namespace {

using Json = nlohmann::json;

constexpr std::size_t most_candidates = 100;

/// What is less likely than this counts as out.
constexpr double least_probability = 1e-6;

/// Where an observation was made, for error messages.
std::string place_of(const Seen& seen) {
    return seen.line == 0 ? "--skip " + seen.commit.abbreviated()
                          : "observation in line " + std::to_string(seen.line);
}

Json to_json(const std::vector<core::Suspect>& suspects) {
    auto list = Json::array();
    for (const auto& suspect : suspects) {
        list.push_back({{"commit", suspect.commit.hex()}, {"probability", suspect.probability}});
    }
    return list;
}

Json conclusion_json(core::ConclusionKind kind, const std::vector<core::Suspect>& suspects,
                     double probability, const std::string& text) {
    return {{"kind", core::to_string(kind)},
            {"suspects", to_json(suspects)},
            {"probability", probability},
            {"text", text}};
}

core::Verdict verdict_of(const Seen& seen) {
    if (std::holds_alternative<core::Sampled>(seen.outcome)) {
        throw Error(ErrorCode::bad_input,
                    place_of(seen) + ": git's search takes no values (allowed: pass, fail, skip)",
                    "use --strategy bayes");
    }
    if (std::holds_alternative<core::Skipped>(seen.outcome)) {
        return core::Verdict::skip;
    }
    return std::holds_alternative<core::Passed>(seen.outcome) ? core::Verdict::good
                                                              : core::Verdict::bad;
}

bool is_end(const OracleQuestion& question, const core::CommitId& commit) {
    return commit == question.bad ||
           std::find(question.good.begin(), question.good.end(), commit) != question.good.end();
}

bool is_merge_base(const OracleQuestion& question, const core::CommitId& commit) {
    const auto& bases = question.range.merge_bases;
    return std::find(bases.begin(), bases.end(), commit) != bases.end();
}

[[noreturn]] void throw_outside(const Seen& seen) {
    throw Error(ErrorCode::bad_input, place_of(seen) + ": commit " + seen.commit.abbreviated() +
                                          " is neither between good and bad nor one of them");
}

/// A good commit that is no ancestor of bad: git first asks whether their merge bases are good.
std::optional<Json> ask_about_merge_bases(const OracleQuestion& question) {
    for (const auto& base : question.range.merge_bases) {
        if (std::find(question.good.begin(), question.good.end(), base) != question.good.end()) {
            continue; // that is known
        }
        const auto seen = std::find_if(question.seen.begin(), question.seen.end(),
                                       [&](const Seen& one) { return one.commit == base; });
        Json answer{{"remaining", question.range.graph.size()},
                    {"steps", 0},
                    {"next", Json::array()},
                    {"candidates", Json::array()},
                    {"conclusion", nullptr}};
        if (seen == question.seen.end()) {
            answer["next"].push_back({{"commit", base.hex()}, {"samples", 1}});
            return std::optional(answer);
        }
        if (verdict_of(*seen) == core::Verdict::bad) {
            answer["conclusion"] = conclusion_json(
                core::ConclusionKind::inconclusive, {}, 0.0,
                "The merge base " + base.hex() +
                    " is bad. This means the bug has been fixed between it and the good commits.");
            return std::optional(answer);
        }
    }
    return std::nullopt;
}

/// What the ends are has been said already.
void check_end(const OracleQuestion& question, const Seen& seen, core::Verdict verdict) {
    const auto said = seen.commit == question.bad ? core::Verdict::bad : core::Verdict::good;
    if (verdict != said && verdict != core::Verdict::skip) {
        throw Error(ErrorCode::bad_input,
                    place_of(seen) + ": " + seen.commit.abbreviated() + " is said to be " +
                        core::to_string(said) + ", but was seen to be " + core::to_string(verdict),
                    "if outcomes are not certain, use --strategy bayes");
    }
}

core::GitSearch searched(const OracleQuestion& question) {
    auto search = value_or_throw(core::GitSearch::create(question.range.graph));
    for (const auto& seen : question.seen) {
        const auto verdict = verdict_of(seen);
        if (is_merge_base(question, seen.commit)) {
            continue;
        }
        if (is_end(question, seen.commit)) {
            check_end(question, seen, verdict);
            continue;
        }
        if (!question.range.graph.contains(seen.commit)) {
            throw_outside(seen);
        }
        try {
            search.record(seen.commit, verdict);
        } catch (const Error& error) {
            throw Error(error.code(), place_of(seen) + ": " + error.what());
        }
    }
    return search;
}

/// The direction in which the bad end lies from the good one.
core::Direction direction_of(const OracleQuestion& question) {
    if (question.direction) {
        return *question.direction;
    }
    std::vector<double> good;
    std::vector<double> bad;
    for (const auto& seen : question.seen) {
        if (const auto* sampled = std::get_if<core::Sampled>(&seen.outcome)) {
            if (seen.commit == question.bad) {
                bad.push_back(sampled->value);
            } else if (is_end(question, seen.commit)) {
                good.push_back(sampled->value);
            }
        }
    }
    const bool lower = !good.empty() && !bad.empty() && core::mean(bad) > core::mean(good);
    return lower ? core::Direction::lower_is_better : core::Direction::higher_is_better;
}

core::BayesSearch posterior_of(const OracleQuestion& question) {
    if (!question.range.merge_bases.empty()) {
        throw Error(ErrorCode::bad_input, "--good: is not an ancestor of bad",
                    "take their merge base as good: git merge-base --all <good> <bad>");
    }
    core::BayesPolicy policy;
    policy.confidence = question.confidence;
    const bool any_value =
        std::any_of(question.seen.begin(), question.seen.end(), [](const Seen& seen) {
            return std::holds_alternative<core::Sampled>(seen.outcome);
        });
    if (any_value || question.direction) {
        policy.metric = direction_of(question);
    }
    auto search = value_or_throw(
        core::BayesSearch::create(question.range.graph, question.good.front(), policy));
    for (const auto& seen : question.seen) {
        const bool good_end = is_end(question, seen.commit) && seen.commit != question.bad;
        if (!good_end && !question.range.graph.contains(seen.commit)) {
            throw_outside(seen);
        }
        try {
            search.record(good_end ? question.good.front() : seen.commit, seen.outcome);
        } catch (const Error& error) {
            throw Error(error.code(), place_of(seen) + ": " + error.what());
        }
    }
    return search;
}

} // namespace

Json ask_git(const OracleQuestion& question) {
    if (auto answer = ask_about_merge_bases(question)) {
        return *answer;
    }
    const auto search = searched(question);
    const auto step = search.next();
    auto suspects = core::evenly(search.candidates(), 1.0);
    Json answer{{"next", Json::array()},
                {"remaining", suspects.size()},
                {"steps", 0},
                {"conclusion", nullptr}};
    if (const auto* proposal = std::get_if<core::Proposal>(&step)) {
        answer["next"].push_back({{"commit", proposal->commit.hex()}, {"samples", 1}});
        answer["steps"] = proposal->steps;
        for (const auto& ahead : core::commits_ahead(search, question.jobs - 1)) {
            answer["next"].push_back({{"commit", ahead.hex()}, {"samples", 1}});
        }
    } else {
        const auto& end = std::get<core::SearchEnd>(step);
        const bool found = end.kind == core::SearchEnd::Kind::found;
        const auto kind = found ? core::ConclusionKind::found
                          : end.kind == core::SearchEnd::Kind::only_skipped
                              ? core::ConclusionKind::found_with_skips
                              : core::ConclusionKind::inconclusive;
        const auto text = found ? core::first_bad_sentence(end.suspects.front())
                          : end.suspects.empty()
                              ? std::string("no commit of the range touches the paths asked for")
                              : core::only_skipped_text(end.suspects);
        answer["conclusion"] = conclusion_json(kind, core::evenly(end.suspects, 1.0), 1.0, text);
    }
    suspects.resize(std::min(suspects.size(), most_candidates));
    answer["candidates"] = to_json(suspects);
    return answer;
}

Json ask_bayes(const OracleQuestion& question) {
    const auto search = posterior_of(question);
    auto suspects = search.posterior(question.range.graph.size());
    std::erase_if(suspects, [](const auto& one) { return one.probability < least_probability; });
    Json answer{{"next", Json::array()},
                {"remaining", suspects.size()},
                {"steps", search.samples_left()},
                {"no_culprit", search.no_culprit()},
                {"conclusion", nullptr}};
    for (const auto& wish : search.next(question.jobs)) {
        answer["next"].push_back({{"commit", wish.commit.hex()}, {"samples", wish.samples}});
    }
    if (const auto conclusion = search.conclusion()) {
        answer["steps"] = 0;
        answer["conclusion"] = conclusion_json(conclusion->kind, conclusion->suspects,
                                               conclusion->probability, conclusion->text);
    }
    suspects.resize(std::min(suspects.size(), most_candidates));
    answer["candidates"] = to_json(suspects);
    return answer;
}

} // namespace lab::cli
