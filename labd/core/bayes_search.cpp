// SPDX-License-Identifier: Apache-2.0
#include "core/bayes_search.h"

#include "core/plain_gap.h"

#include <algorithm>
#include <cmath>

namespace lab::core {
namespace {

constexpr std::size_t least_runs = 3;
constexpr std::size_t least_metric_samples = 5;

Diagnostics problems_of(const CommitGraph& range, const CommitId& good, const BayesPolicy& policy) {
    Diagnostics problems;
    if (range.size() == 0) {
        problems.push_back({"range", "holds no commit (at least the bad one)"});
    } else if (const auto problem = unreachable_problem(range)) {
        problems.push_back({"range", *problem});
    }
    if (range.contains(good)) {
        problems.push_back({"range", "holds the good commit " + good.hex()});
    }
    if (!(policy.confidence > 0.5 && policy.confidence < 1)) {
        problems.push_back({"confidence", "is out of range (more than 0.5, less than 1)"});
    }
    const auto is_share = [](double chance) {
        return chance >= 0 && chance < 1;
    };
    if (!is_share(policy.no_culprit) || !is_share(policy.two_culprits)) {
        problems.push_back({"chances", "are out of range (0 or more, less than 1)"});
    }
    return problems;
}

Outcomes outcomes_of(const std::shared_ptr<const CommitGraph>& range, const BayesPolicy& policy) {
    if (!policy.metric) {
        return {range, policy.rates ? LevelModel::known_rates(policy.rates->good_fails,
                                                              policy.rates->bad_passes)
                                    : LevelModel::learned_rates()};
    }
    if (!policy.levels) {
        return Outcomes(range);
    }
    const double sign = policy.metric == Direction::lower_is_better ? 1 : -1;
    return {range, LevelModel::known_levels(sign * policy.levels->good, sign * policy.levels->bad,
                                            policy.levels->spread)};
}

} // namespace

BayesSearch::BayesSearch(std::shared_ptr<const CommitGraph> range, CommitId good,
                         const BayesPolicy& policy, Outcomes outcomes)
    : range_(std::move(range)), sums_(std::make_shared<const AncestorSums>(*range_)),
      good_(std::move(good)), policy_(policy), outcomes_(std::move(outcomes)),
      testable_(range_->size(), 1), breakage_(range_, sums_) {
    for (std::size_t index = 0; index < testable_.size(); ++index) {
        testable_[index] = range_->nodes()[index].tree_same ? 0 : 1;
    }
}

Parsed<BayesSearch> BayesSearch::create(CommitGraph range, const CommitId& good,
                                        const BayesPolicy& policy) {
    auto problems = problems_of(range, good, policy);
    if (!problems.empty()) {
        return Unexpected{std::move(problems)};
    }
    auto shared = std::make_shared<const CommitGraph>(std::move(range));
    try {
        return BayesSearch(shared, good, policy, outcomes_of(shared, policy));
    } catch (const std::domain_error& error) {
        return Unexpected{Diagnostics{{"policy", error.what()}}};
    }
}

bool BayesSearch::learns() const {
    return policy_.metric ? !policy_.levels : !policy_.rates;
}

double BayesSearch::badness(double value) const {
    return policy_.metric == Direction::higher_is_better ? -value : value;
}

std::size_t BayesSearch::least_end_samples() const {
    if (!learns()) {
        return 0;
    }
    const auto usual = policy_.metric ? least_metric_samples : least_runs;
    return policy_.least_end_samples == 0 ? usual : policy_.least_end_samples;
}

/// Whether fewer samples than usual may do: what they lead to is tried again afterwards.
bool BayesSearch::may_be_plain() const {
    return policy_.metric && learns() && policy_.least_end_samples == 0 &&
           policy_.afterwards == Afterwards::confirmed;
}

void BayesSearch::record(const CommitId& commit, const Outcome& outcome) {
    const bool is_good_end = commit == good_;
    const auto index = is_good_end ? 0 : range_->index_of(commit);
    const auto* sample = std::get_if<Sampled>(&outcome);
    const bool skipped = std::holds_alternative<Skipped>(outcome);
    if (!skipped && (sample != nullptr) != policy_.metric.has_value()) {
        throw Error(ErrorCode::bad_input, "commit " + commit.hex() +
                                              ": the outcome is of the wrong sort (a value when a "
                                              "metric is bisected, else pass or fail)");
    }
    if (sample != nullptr && !std::isfinite(sample->value)) {
        throw Error(ErrorCode::bad_input, "commit " + commit.hex() + ": the value is not finite");
    }
    state_.reset();
    const double fails = std::holds_alternative<Failed>(outcome) ? 1 : 0;
    if (skipped) {
        if (is_good_end || index == 0) {
            unusable_end_ = (is_good_end ? "the good end " : "the bad end ") + commit.hex();
        } else {
            testable_[index] = 0;
            any_skipped_ = true;
            breakage_.broke(index, std::get<Skipped>(outcome).reason);
            chances_testable_.reset();
        }
        return;
    }
    if (!is_good_end && breakage_.worked(index)) {
        chances_testable_.reset();
    }
    if (is_good_end && sample != nullptr) {
        outcomes_.add_good_end_sample(badness(sample->value));
    } else if (is_good_end) {
        outcomes_.add_good_end_run(1 - fails, fails);
    } else if (sample != nullptr) {
        outcomes_.add_sample(index, badness(sample->value));
    } else {
        outcomes_.add_run(index, 1 - fails, fails);
    }
}

void BayesSearch::same_artefact(const CommitId& a, const CommitId& b) {
    if (a == b) {
        return;
    }
    state_.reset();
    if (a == good_ || b == good_) {
        outcomes_.tie_to_good_end(range_->index_of(a == good_ ? b : a));
        return;
    }
    outcomes_.tie(range_->index_of(a), range_->index_of(b));
}

Channel BayesSearch::channel(const ExpectedLevels& expected) const {
    return policy_.metric ? Channel::of_metric(expected) : Channel::of_rates(expected);
}

std::vector<ProbeWish> BayesSearch::end_wishes(std::size_t count,
                                               const std::vector<CommitId>& pending) const {
    const auto& bad = range_->nodes().front().id;
    const auto under_way = [&](const CommitId& end) {
        return static_cast<std::size_t>(std::count(pending.begin(), pending.end(), end));
    };
    std::size_t of_good = outcomes_.good_end_count() + under_way(good_);
    std::size_t of_bad = outcomes_.bad_end_count() + under_way(bad);
    const auto first_good = of_good;
    const auto first_bad = of_bad;
    // Beyond what is wanted anyway only as many as would be asked for one after the other.
    const auto [fewer, more] = std::minmax({outcomes_.good_end_count(), outcomes_.bad_end_count()});
    const auto least = may_be_plain() ? least_plain_samples : least_end_samples();
    const auto limit = fewer < least ? least : std::max(least_end_samples(), more + count);
    for (std::size_t i = 0; i < count && std::min(of_good, of_bad) < limit; ++i) {
        ++(of_good < of_bad ? of_good : of_bad);
    }
    std::vector<ProbeWish> wishes;
    if (of_bad > first_bad) {
        wishes.push_back({bad, static_cast<unsigned>(of_bad - first_bad)});
    }
    if (of_good > first_good) {
        wishes.push_back({good_, static_cast<unsigned>(of_good - first_good)});
    }
    return wishes;
}

ProbeField BayesSearch::probe_field(const std::vector<double>& mass, const Channel& told,
                                    const Predictions* predictions) const {
    if (!chances_testable_) {
        chances_testable_ = breakage_.testable();
    }
    return {*range_, *sums_, mass, testable_, *chances_testable_, told, predictions};
}

std::vector<ProbeWish> BayesSearch::next(std::size_t count, const ProbeCosts& costs,
                                         const std::vector<CommitId>& pending) const {
    const auto& now = state();
    if (now.stage == Stage::concluded || count == 0) {
        return {};
    }
    if (now.stage == Stage::ends) {
        return end_wishes(count, pending);
    }
    std::vector<CommitIndex> under_way;
    for (const auto& commit : pending) {
        if (commit != good_) {
            under_way.push_back(range_->index_of(commit));
        }
    }
    std::vector<CommitIndex> chosen;
    const bool lone_pending =
        now.lone && std::find(under_way.begin(), under_way.end(), *now.lone) != under_way.end();
    if (now.lone && !lone_pending) {
        chosen.push_back(*now.lone);
        under_way.push_back(*now.lone);
    }
    if (chosen.size() < count) {
        const auto told = channel(now.expected);
        const auto more = choose_probes(
            probe_field(now.mass, told, now.predictions ? &*now.predictions : nullptr), costs,
            count - chosen.size(), under_way);
        chosen.insert(chosen.end(), more.begin(), more.end());
        if (chosen.empty() && !any_skipped_) { // two levels so alike that the channel tells nothing
            const auto mass = spread_over_commits(now.chances.of_commit);
            const auto usual = channel(now.chances.expected);
            chosen = choose_probes(probe_field(mass, usual, nullptr), costs, count, under_way);
        }
    }
    std::vector<ProbeWish> wishes;
    for (const auto commit : chosen) {
        const auto& id = range_->nodes()[commit].id;
        const auto known = std::find_if(wishes.begin(), wishes.end(),
                                        [&](const ProbeWish& wish) { return wish.commit == id; });
        if (known == wishes.end()) {
            wishes.push_back({id, 1});
        } else {
            ++known->samples;
        }
    }
    return wishes;
}

std::optional<BayesConclusion> BayesSearch::conclusion() const {
    return state().conclusion;
}

double BayesSearch::no_culprit() const {
    return state().chances.no_culprit;
}

double BayesSearch::two_culprits() const {
    return state().two_culprits;
}

std::vector<Suspect> BayesSearch::posterior(std::size_t most) const {
    if (unusable_end_) {
        return {}; // nothing can be said of the commits between
    }
    return likeliest(spread_over_commits(state().chances.of_commit), most);
}

std::vector<Suspect> BayesSearch::likeliest(const std::vector<double>& mass,
                                            std::size_t most) const {
    std::vector<CommitIndex> order;
    for (CommitIndex index = 0; index < mass.size(); ++index) {
        if (mass[index] > 0) {
            order.push_back(index);
        }
    }
    const auto size = static_cast<std::ptrdiff_t>(std::min(most, order.size()));
    std::partial_sort(order.begin(), order.begin() + size, order.end(),
                      [&](CommitIndex a, CommitIndex b) {
                          return mass[a] != mass[b] ? mass[a] > mass[b]
                                                    : range_->nodes()[a].id < range_->nodes()[b].id;
                      });
    std::vector<Suspect> suspects;
    for (auto at = order.begin(); at != order.begin() + size; ++at) {
        suspects.push_back({range_->nodes()[*at].id, mass[*at]});
    }
    return suspects;
}

double BayesSearch::chance_bad(const CommitId& commit) const {
    if (commit == good_) {
        return 0;
    }
    const auto mass = spread_over_commits(state().chances.of_commit);
    const auto inside = ancestors_of(*range_, range_->index_of(commit));
    double bad = 0;
    for (std::size_t index = 0; index < mass.size(); ++index) {
        bad += inside[index] != 0 ? mass[index] : 0;
    }
    return std::min(bad, 1.0);
}

double BayesSearch::entropy() const {
    double bits = 0;
    for (const double chance : spread_over_commits(state().chances.of_commit)) {
        bits -= chance > 0 ? chance * std::log2(chance) : 0;
    }
    return bits;
}

ExpectedLevels BayesSearch::expected() const {
    return state().chances.expected;
}

std::size_t BayesSearch::samples_left() const {
    const auto& now = state();
    if (now.stage == Stage::concluded || !outcomes_.model()) {
        return 0;
    }
    const auto told = channel(now.expected);
    double entropy = now.mass.empty() ? std::log2(static_cast<double>(range_->size())) : 0;
    for (const double chance : now.mass) {
        entropy -= chance > 0 ? chance * std::log2(chance) : 0;
    }
    const double samples =
        entropy / std::max(told.capacity(), 1e-6) +
        std::log2(1 / (1 - policy_.confidence)) / std::max(told.divergence(), 1e-6);
    return static_cast<std::size_t>(std::ceil(std::min(samples, 1e9)));
}

} // namespace lab::core
