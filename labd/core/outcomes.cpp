// SPDX-License-Identifier: Apache-2.0
#include "core/outcomes.h"
#include "core/numbers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace lab::core {
namespace {

/// The grid of a metric is laid anew whenever there are half as many samples again.
constexpr double grid_growth = 1.5;

} // namespace

Outcomes::Outcomes(std::shared_ptr<const CommitGraph> range, LevelModel model)
    : classes_(std::move(range)), model_(std::move(model)), good_end_(model_->nothing()) {
    mark_of(0);
}

Outcomes::Outcomes(std::shared_ptr<const CommitGraph> range)
    : classes_(std::move(range)), learns_levels_(true) {
    mark_of(0);
}

std::size_t Outcomes::mark_of(CommitIndex commit) {
    const auto mark = classes_.mark(commit);
    while (tables_.size() < classes_.marks()) { // ties may have marked commits too
        commits_.push_back(classes_.marked(tables_.size()));
        tables_.push_back(model_ ? model_->nothing() : LevelTable{});
        counts_.push_back(0);
        sums_.push_back(0);
        samples_.emplace_back();
    }
    return mark;
}

void Outcomes::tie(CommitIndex a, CommitIndex b) {
    classes_.tie(a, b);
    mark_of(a);
}

void Outcomes::tie_to_good_end(CommitIndex commit) {
    classes_.clear(commit);
    mark_of(commit);
}

void Outcomes::add_good_end_run(double passes, double fails) {
    model_->add_runs(good_end_, passes, fails);
    good_sum_ += fails;
    const auto runs = static_cast<std::size_t>(passes + fails);
    good_count_ += runs;
    count_ += runs;
}

void Outcomes::add_run(CommitIndex commit, double passes, double fails) {
    const auto mark = mark_of(commit);
    model_->add_runs(tables_[mark], passes, fails);
    sums_[mark] += fails;
    const auto runs = static_cast<std::size_t>(passes + fails);
    counts_[mark] += runs;
    count_ += runs;
}

void Outcomes::add_good_end_sample(double badness) {
    good_sum_ += badness;
    good_samples_.push_back(badness);
    ++good_count_;
    ++count_;
    if (model_) {
        model_->add_sample(good_end_, badness);
    }
    sampled();
}

void Outcomes::add_sample(CommitIndex commit, double badness) {
    const auto mark = mark_of(commit);
    sums_[mark] += badness;
    samples_[mark].push_back(badness);
    ++counts_[mark];
    ++count_;
    if (model_) {
        model_->add_sample(tables_[mark], badness);
    }
    sampled();
}

void Outcomes::sampled() {
    const bool enough = good_samples_.size() >= 2 && samples_[0].size() >= 2;
    const bool due =
        static_cast<double>(count_) >= grid_growth * static_cast<double>(count_at_model_);
    if (learns_levels_ && enough && due) {
        tabulate();
    }
}

void Outcomes::tabulate() {
    LevelSamples samples{good_samples_, samples_[0], {}};
    for (std::size_t mark = 1; mark < samples_.size(); ++mark) {
        if (!samples_[mark].empty()) {
            samples.others.push_back(samples_[mark]);
        }
    }
    model_ = LevelModel::learned_levels(samples);
    count_at_model_ = count_;
    good_end_ = model_->nothing();
    for (const double sample : good_samples_) {
        model_->add_sample(good_end_, sample);
    }
    for (std::size_t mark = 0; mark < samples_.size(); ++mark) {
        tables_[mark] = model_->nothing();
        for (const double sample : samples_[mark]) {
            model_->add_sample(tables_[mark], sample);
        }
    }
}

std::vector<std::size_t> Outcomes::lone_samples() const {
    std::vector<std::size_t> marks;
    for (std::size_t mark = 0; mark < counts_.size(); ++mark) {
        if (counts_[mark] == 1) {
            marks.push_back(mark);
        }
    }
    return marks;
}

double Outcomes::good_end_mean() const {
    return good_count_ == 0 ? 0 : good_sum_ / static_cast<double>(good_count_);
}

double Outcomes::bad_end_mean() const {
    return counts_[0] == 0 ? 0 : sums_[0] / static_cast<double>(counts_[0]);
}

LevelTable Outcomes::total() const {
    LevelTable all = good_end_;
    for (const auto& table : tables_) {
        add(all, table, 1);
    }
    return all;
}

void Outcomes::each_class(const LevelTable& all, std::optional<std::size_t> without,
                          const Visit& visit) const {
    std::vector<std::size_t> order;
    for (std::size_t culprits = 0; culprits < classes_.size(); ++culprits) {
        if (classes_.weight(culprits) > 0 && classes_.possible(culprits)) {
            order.push_back(culprits);
        }
    }
    // Neighbours in this order differ in few marks, so their tables are made from each other.
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return classes_.bad_marks(a) < classes_.bad_marks(b);
    });
    LevelTable good = all;
    LevelTable bad = model_->nothing();
    std::vector<char> now(classes_.marks(), 0);
    for (const auto culprits : order) {
        const auto& wanted = classes_.bad_marks(culprits);
        for (std::size_t mark = 0; mark < tables_.size(); ++mark) {
            if (wanted[mark] != now[mark] && counts_[mark] > 0 && mark != without) {
                const double sign = wanted[mark] != 0 ? 1 : -1;
                add(bad, tables_[mark], sign);
                add(good, tables_[mark], -sign);
            }
        }
        now = wanted;
        visit(culprits, good, bad);
    }
}

Chances Outcomes::chances(double no_culprit, std::optional<std::size_t> without) const {
    Chances chances;
    const auto size = classes_.size();
    chances.by_class.assign(size, 0);
    chances.of_commit.assign(size, 0);
    const double commits = commits_that_count();
    std::vector<double> logs(size, minus_infinity);
    chances.levels.resize(size);
    double log_none = std::log(no_culprit);
    if (model_) {
        auto all = total();
        if (without) {
            add(all, tables_[*without], -1);
        }
        each_class(all, without,
                   [&](std::size_t culprits, const LevelTable& good, const LevelTable& bad) {
                       const auto levels = model_->two_levels(good, bad);
                       logs[culprits] =
                           levels.log_evidence + std::log(classes_.weight(culprits) / commits);
                       chances.levels[culprits] = levels.expected;
                   });
        chances.one_level = model_->expected_level(all);
        log_none += model_->one_level(all);
    } else {
        for (std::size_t culprits = 0; culprits < size; ++culprits) {
            if (classes_.possible(culprits)) {
                logs[culprits] = std::log(classes_.weight(culprits) / commits);
            }
        }
    }
    normalise(logs, log_none, no_culprit, chances);
    return chances;
}

std::optional<ValueRatio> Outcomes::ratio_of_any_shape(std::size_t culprits) const {
    if (!learns_levels_ || !model_) {
        return std::nullopt;
    }
    LevelTable good = good_end_;
    LevelTable bad = model_->nothing();
    for (std::size_t mark = 0; mark < tables_.size(); ++mark) {
        add(classes_.makes_bad(culprits, mark) ? bad : good, tables_[mark], 1);
    }
    if (model_->two_levels(good, bad).any_shape < 0.5) {
        return std::nullopt;
    }
    return [model = *model_, good, bad](double badness) {
        return model.log_ratio(good, bad, badness);
    };
}

void Outcomes::normalise(const std::vector<double>& logs, double log_none, double no_culprit,
                         Chances& chances) const {
    const double top = *std::max_element(logs.begin(), logs.end());
    double single = 0;
    for (const double log : logs) {
        single += top == minus_infinity ? 0 : std::exp(log - top);
    }
    chances.log_single = top == minus_infinity ? top : top + std::log(single);
    const double log_some = chances.log_single + std::log1p(-no_culprit);
    if (log_some == minus_infinity) {
        chances.no_culprit = 1; // nothing else is possible: the ties exclude every commit
        return;
    }
    chances.no_culprit = 1 / (1 + std::exp(log_some - log_none));
    for (std::size_t culprits = 0; culprits < logs.size(); ++culprits) {
        const double share = std::exp(logs[culprits] - top) / single;
        chances.by_class[culprits] = share * (1 - chances.no_culprit);
        if (classes_.weight(culprits) > 0) {
            chances.of_commit[culprits] = chances.by_class[culprits] / classes_.weight(culprits);
        }
        chances.expected.good += share * chances.levels[culprits].good;
        chances.expected.bad += share * chances.levels[culprits].bad;
        chances.expected.spread += share * chances.levels[culprits].spread;
    }
}

} // namespace lab::core
