// SPDX-License-Identifier: Apache-2.0
// What a BayesSearch makes of its outcomes: when it stops, and what it then says.
#include "core/bayes_search.h"
#include "core/numbers.h"
#include "core/plain_gap.h"
#include "core/suspects.h"

#include <algorithm>
#include <cmath>

namespace lab::core {
namespace {

/// Chance of "no culprit" up to which the commits between are worth trying.
constexpr double ends_differ = 0.05;

/// Two culprits are looked for whenever the search is about to stop, and every so many samples.
constexpr std::size_t usual_look = 24;

/// Samples of each end wanted at a step of one standard deviation: the standard error of the gap is
/// then 15 % of it. Larger steps need fewer samples for that, smaller ones more, up to a limit.
constexpr double end_precision = 90;
constexpr std::size_t most_level_samples = 300;

constexpr std::size_t suspects_shown = 10;

double sum_of(const std::vector<Suspect>& suspects) {
    double sum = 0;
    for (const auto& suspect : suspects) {
        sum += suspect.probability;
    }
    return std::min(sum, 1.0);
}

} // namespace

const BayesSearch::State& BayesSearch::state() const {
    if (!state_) {
        state_ = evaluate();
    }
    return *state_;
}

std::vector<double> BayesSearch::spread_over_commits(const std::vector<double>& of_commit) const {
    std::vector<double> mass(range_->size(), 0);
    const auto& class_of = outcomes_.classes().class_of();
    for (std::size_t index = 0; index < mass.size(); ++index) {
        mass[index] = range_->nodes()[index].tree_same ? 0 : of_commit[class_of[index]];
    }
    return mass;
}

BayesSearch::State BayesSearch::evaluate() const {
    State state;
    if (unusable_end_) {
        state.stage = Stage::concluded;
        state.conclusion = BayesConclusion{
            ConclusionKind::inconclusive,
            {},
            0,
            *unusable_end_ + " cannot be judged (both ends must build, boot and be judged)"};
        return state;
    }
    state.chances = outcomes_.chances(learns() ? policy_.no_culprit : 0);
    state.expected = state.chances.expected;
    look_at_ends(state);
    if (state.stage == Stage::commits) {
        look_at_commits(state);
    }
    if (state.conclusion) {
        state.stage = Stage::concluded;
    } else {
        give_up_if_spent(state);
    }
    return state;
}

Predictions BayesSearch::predictions_of(const Chances& chances) const {
    Predictions predictions;
    const auto& class_of = outcomes_.classes().class_of();
    for (const auto culprits : class_of) {
        predictions.good.push_back(chances.levels[culprits].good);
        predictions.bad.push_back(chances.levels[culprits].bad);
    }
    predictions.no_culprit = chances.no_culprit;
    predictions.one_level = chances.one_level;
    predictions.spread = chances.expected.spread;
    return predictions;
}

bool BayesSearch::ends_are_tried() const {
    const auto least = least_end_samples();
    const auto tried = std::min(outcomes_.good_end_count(), outcomes_.bad_end_count());
    const bool usual = policy_.metric && learns() && policy_.least_end_samples == 0;
    return tried >= least ||
           (usual && lie_plainly_apart(outcomes_.good_end_samples(), outcomes_.bad_end_samples()));
}

std::string BayesSearch::ends_text() const {
    const auto end = [&](const std::string& name, std::size_t count, double mean) {
        if (count == 0) {
            return name + " not tried yet";
        }
        const auto runs = std::to_string(count);
        if (policy_.metric) {
            return name + " " + significant(badness(mean)) + " (" + runs + " samples)";
        }
        return name + " failed " + std::to_string(std::llround(mean * static_cast<double>(count))) +
               " of " + runs + " runs";
    };
    return end(policy_.terms.good + " end", outcomes_.good_end_count(), outcomes_.good_end_mean()) +
           ", " +
           end(policy_.terms.bad + " end", outcomes_.bad_end_count(), outcomes_.bad_end_mean());
}

/// Whether the gap between the ends is known well enough for the commits between to be judged by
/// it: samples of the ends need no build.
bool BayesSearch::levels_are_clear(const State& state) const {
    if (!policy_.metric || !learns()) {
        return true;
    }
    const auto tried = std::min(outcomes_.good_end_count(), outcomes_.bad_end_count());
    const double steps = (state.expected.bad - state.expected.good) / state.expected.spread;
    return static_cast<double>(tried) * steps * steps >= end_precision ||
           tried >= most_level_samples;
}

/// Why a good end of which no run passed is none.
std::string BayesSearch::not_good_text() const {
    const auto& good = policy_.terms.good;
    const bool own_words = !(policy_.terms == Terms{});
    return "the " + good + " end is not " + good + ": " + ends_text() +
           (own_words ? " (exit code 0 says " + good + ", 1 to 127 " + policy_.terms.bad +
                            "; if the command says it the other way round, write ! before it: "
                            "sh -c '! ...')"
                      : " (a good end passes at least half of its runs; are good and bad the wrong "
                        "way round?)");
}

/// Of runs none of which failed at the bad end: (1 - rate)^n is the risk.
std::string BayesSearch::excluded_rate_text() const {
    const auto runs = outcomes_.bad_end_count();
    if (policy_.metric || runs == 0 || outcomes_.bad_end_mean() > 0) {
        return {};
    }
    const double risk = 1 - policy_.confidence;
    const double rate = 1 - std::pow(risk, 1 / static_cast<double>(runs));
    return ". A failure rate of the " + policy_.terms.bad + " end above " + per_cent(rate) +
           " is excluded with " + per_cent(policy_.confidence) +
           ", a rarer one is not: then let the command repeat its test";
}

/// That a good end which passes at least half of its runs passes none of n has a chance of 2^-n. A
/// bad end that never fails tells far less: a regression may show once in ten runs.
double BayesSearch::chance_good_end_is_bad() const {
    if (policy_.metric || !learns() || outcomes_.good_end_mean() < 1) {
        return 0;
    }
    return 1 - std::exp2(-static_cast<double>(outcomes_.good_end_count()));
}

void BayesSearch::look_at_ends(State& state) const {
    const auto& classes = outcomes_.classes();
    bool any_possible = false;
    for (std::size_t culprits = 0; culprits < classes.size() && !any_possible; ++culprits) {
        any_possible = classes.possible(culprits) && classes.weight(culprits) > 0;
    }
    if (!any_possible) {
        state.conclusion =
            BayesConclusion{ConclusionKind::no_culprit, {}, 1, "both ends are the same artefact"};
        return;
    }
    if (!ends_are_tried()) {
        return;
    }
    const double none = state.chances.no_culprit;
    if (const double chance = chance_good_end_is_bad(); chance >= policy_.confidence) {
        state.conclusion = BayesConclusion{ConclusionKind::no_culprit, {}, chance, not_good_text()};
        return;
    }
    if (none >= policy_.confidence) {
        state.conclusion = BayesConclusion{ConclusionKind::no_culprit,
                                           {},
                                           none,
                                           "the regression does not reproduce: " + ends_text() +
                                               "; the ends do not differ with probability " +
                                               per_cent(none) + excluded_rate_text()};
        return;
    }
    const auto tried = std::min(outcomes_.good_end_count(), outcomes_.bad_end_count());
    if (none <= ends_differ) {
        if (levels_are_clear(state)) {
            state.stage = Stage::commits;
        }
    } else if (tried >= policy_.most_end_samples) {
        if (none < 0.5) {
            state.stage = Stage::commits;
        } else {
            state.conclusion = inconclusive(
                state, "the ends cannot be told apart: " + ends_text() +
                           "; they do not differ with probability " + per_cent(none) +
                           ". A test that fails more often, or more samples of both ends, would "
                           "decide");
        }
    }
}

std::optional<BayesConclusion> BayesSearch::settled(const std::vector<double>& mass) const {
    const auto top = likeliest(mass, 1);
    if (top.empty()) {
        return std::nullopt;
    }
    if (top.front().probability >= policy_.confidence) {
        return BayesConclusion{ConclusionKind::found, top, top.front().probability,
                               first_bad_sentence(top.front().commit)};
    }
    // Commits that no test can tell apart share a class, so its mass bounds theirs.
    const auto index = range_->index_of(top.front().commit);
    const auto& class_of = outcomes_.classes().class_of();
    double of_class = 0;
    for (std::size_t other = 0; other < mass.size(); ++other) {
        of_class += class_of[other] == class_of[index] ? mass[other] : 0;
    }
    if (of_class < policy_.confidence) {
        return std::nullopt;
    }
    BayesConclusion conclusion{ConclusionKind::found_with_skips, {}, 0, ""};
    std::vector<CommitId> ids;
    for (const auto suspect : inseparable(*range_, testable_, index)) {
        if (mass[suspect] > 0) {
            ids.push_back(range_->nodes()[suspect].id);
            conclusion.suspects.push_back({ids.back(), mass[suspect]});
        }
    }
    conclusion.probability = sum_of(conclusion.suspects);
    conclusion.text = only_skipped_text(ids);
    return conclusion.probability >= policy_.confidence ? std::optional(conclusion) : std::nullopt;
}

/// A commit whose only sample decides: without it the answer would be no answer.
std::optional<CommitIndex> BayesSearch::lone_decider(const BayesConclusion& found,
                                                     const ExpectedLevels& expected) const {
    if (!policy_.metric || !learns()) {
        return std::nullopt;
    }
    const auto answer = range_->index_of(found.suspects.front().commit);
    const auto culprits = outcomes_.classes().class_of()[answer];
    for (const auto mark : outcomes_.lone_samples()) {
        const auto commit = outcomes_.commit_of(mark);
        if (testable_[commit] == 0 || is_confirmed_later(commit, answer, expected)) {
            continue;
        }
        const auto rest = outcomes_.chances(policy_.no_culprit, mark);
        if (rest.by_class[culprits] < 0.5) {
            return commit;
        }
    }
    return std::nullopt;
}

/// Whether the commit is sampled afresh anyway, and its sample lies so far from the other level
/// that another one before would tell nothing.
bool BayesSearch::is_confirmed_later(CommitIndex commit, CommitIndex answer,
                                     const ExpectedLevels& expected) const {
    const auto& parents = range_->nodes()[answer].parents;
    const bool asked = commit == answer || (!parents.empty() && parents.front() == commit);
    return may_be_plain() && asked && expected.bad - expected.good >= plain_steps * expected.spread;
}

void BayesSearch::look_at_commits(State& state) const {
    state.mass = spread_over_commits(state.chances.of_commit);
    if (learns()) {
        state.predictions = predictions_of(state.chances);
    }
    auto single = settled(state.mass);
    if (single) {
        state.lone = lone_decider(*single, state.expected);
    }
    if (state.lone) {
        return;
    }
    const bool look =
        learns() && policy_.two_culprits > 0 && (single || outcomes_.count() % usual_look == 0);
    if (look) {
        look_at_two_culprits(state, single);
    } else {
        state.conclusion = single;
    }
}

std::vector<double> BayesSearch::share_out(const std::vector<double>& by_class) const {
    std::vector<double> of_commit(by_class.size(), 0);
    for (std::size_t culprits = 0; culprits < by_class.size(); ++culprits) {
        const double weight = outcomes_.classes().weight(culprits);
        of_commit[culprits] = weight > 0 ? by_class[culprits] / weight : 0;
    }
    return spread_over_commits(of_commit);
}

void BayesSearch::look_at_two_culprits(State& state,
                                       const std::optional<BayesConclusion>& single) const {
    const auto two = outcomes_.two_culprits();
    const double odds = policy_.two_culprits / (1 - policy_.two_culprits) *
                        std::exp(two.log_evidence - state.chances.log_single);
    state.two_culprits = std::isinf(odds) ? 1 : odds / (1 + odds);
    const auto first = share_out(two.first);
    const auto second = share_out(two.second);
    if (single && state.two_culprits < 0.5) {
        double in_pair = 0; // chance that the answer is one of two culprits, if there are two
        for (const auto& suspect : single->suspects) {
            const auto index = range_->index_of(suspect.commit);
            in_pair += first[index] + second[index];
        }
        const double right = single->probability * (1 - state.two_culprits) +
                             std::min(in_pair, 1.0) * state.two_culprits;
        if (right >= policy_.confidence) {
            state.conclusion = single;
            state.conclusion->probability = right;
            return;
        }
        state.lone = most_contested(two, *single);
        return;
    }
    if (state.two_culprits >= 0.5) {
        look_for_both(state, two, first, second);
    }
}

/// The tried commit of which two culprits, neither of them the answer, and one culprit expect the
/// most different things for the tries it had: by the chance that it lies behind one of the two
/// alone. A pair that holds the answer need not be refuted.
CommitIndex BayesSearch::most_contested(const TwoCulprits& two,
                                        const BayesConclusion& single) const {
    const auto& classes = outcomes_.classes();
    const auto answer = classes.class_of()[range_->index_of(single.suspects.front().commit)];
    CommitIndex best = 0;
    double most = -1;
    for (std::size_t mark = 0; mark < classes.marks(); ++mark) {
        const auto commit = outcomes_.commit_of(mark);
        if (testable_[commit] == 0 || outcomes_.tries(mark) == 0) {
            continue;
        }
        double between = 0;
        for (const auto& pair : two.pairs) {
            const bool is_between =
                classes.makes_bad(pair.first, mark) != classes.makes_bad(pair.second, mark);
            if (is_between && pair.first != answer && pair.second != answer) {
                between += pair.chance;
            }
        }
        const double told = between / static_cast<double>(outcomes_.tries(mark));
        if (told > most) {
            most = told;
            best = commit;
        }
    }
    return best;
}

void BayesSearch::look_for_both(State& state, const TwoCulprits& two,
                                const std::vector<double>& first,
                                const std::vector<double>& second) const {
    const auto& levels = two.levels;
    const bool first_is_larger = std::abs(levels[1] - levels[0]) >= std::abs(levels[2] - levels[1]);
    const bool wants_first = policy_.wanted != Wanted::largest || first_is_larger;
    const bool wants_second =
        policy_.wanted == Wanted::all || (policy_.wanted == Wanted::largest && !first_is_larger);
    const auto first_found = settled(first);
    const auto second_found = settled(second);
    const bool first_open = wants_first && !first_found;
    const bool second_open = wants_second && !second_found;
    state.predictions.reset();
    state.mass = first_open ? first : second;
    if (!first_open && !second_open) { // both stand: more of the commits between would decide
        for (std::size_t index = 0; index < first.size(); ++index) {
            state.mass[index] = (first[index] + second[index]) / 2;
        }
    }
    const auto step = first_open ? 0U : 1U;
    state.expected = {std::min(levels[step], levels[step + 1]),
                      std::max(levels[step], levels[step + 1]), two.spread};
    if (first_open || second_open) {
        return;
    }
    BayesConclusion conclusion{
        ConclusionKind::several_culprits, {}, state.two_culprits, several_text(levels)};
    for (const auto& [wanted, found] :
         {std::pair(wants_first, &first_found), std::pair(wants_second, &second_found)}) {
        if (wanted) {
            const auto& suspects = (*found)->suspects;
            conclusion.suspects.insert(conclusion.suspects.end(), suspects.begin(), suspects.end());
            conclusion.probability *= (*found)->probability;
        }
    }
    if (conclusion.probability >= policy_.confidence) {
        state.conclusion = std::move(conclusion);
    }
}

std::string BayesSearch::several_text(const std::array<double, 3>& levels) const {
    const auto level = [&](double value) {
        return policy_.metric ? significant(badness(value)) : per_cent(value) + " of runs failing";
    };
    return "there is more than one regression: the level goes from " + level(levels[0]) + " to " +
           level(levels[1]) + " and then to " + level(levels[2]);
}

BayesConclusion BayesSearch::inconclusive(const State& state, const std::string& why) const {
    const auto mass = spread_over_commits(state.chances.of_commit);
    auto suspects = likeliest(mass, suspects_shown);
    const double best = suspects.empty() ? 0 : suspects.front().probability;
    return BayesConclusion{ConclusionKind::inconclusive, std::move(suspects), best, why};
}

void BayesSearch::give_up_if_spent(State& state) const {
    if (outcomes_.count() >= policy_.most_samples) {
        state.conclusion =
            inconclusive(state, "the limit of " + std::to_string(policy_.most_samples) +
                                    " samples is reached; " + ends_text());
        state.stage = Stage::concluded;
        return;
    }
    if (state.stage != Stage::commits || state.lone || !any_skipped_) {
        return;
    }
    const auto told = channel(state.expected);
    const ProbeCosts same{};
    const auto* predictions = state.predictions ? &*state.predictions : nullptr;
    if (choose_probes(probe_field(state.mass, told, predictions), same, 1).empty()) {
        state.conclusion =
            inconclusive(state, "no testable commit is left that would tell more (skipped ones "
                                "stand around the likeliest commits)");
        state.stage = Stage::concluded;
    }
}

} // namespace lab::core
