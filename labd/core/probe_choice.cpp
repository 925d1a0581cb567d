// SPDX-License-Identifier: Apache-2.0
#include "core/probe_choice.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace lab::core {
namespace {

/// Information below which a sample is not worth taking, in bits.
constexpr double least_information = 1e-12;

/// Scores that differ by less are a tie: sums of masses are not exact to the last bit.
constexpr double tie_width = 1e-9;

/// Share of what the best commit tells alone that another one has to tell beside it: where one
/// outcome settles the question, asking again at the same time wastes a run.
constexpr double least_beside = 0.05;

/// Chance of being testable that counts for a probe under way, at least.
constexpr double least_works = 1e-3;

/// Rounds in which every probe of a set is chosen again, given the others.
constexpr int refinements = 2;

/// Lower triangle of a symmetric positive definite matrix, and its Cholesky factor.
class Triangle {
public:
    explicit Triangle(std::size_t size) : cells_(size * (size + 1) / 2), size_(size) {}

    double& at(std::size_t row, std::size_t column) { return cells_[row * (row + 1) / 2 + column]; }
    [[nodiscard]] double at(std::size_t row, std::size_t column) const {
        return cells_[row * (row + 1) / 2 + column];
    }

    void factorise() {
        for (std::size_t row = 0; row < size_; ++row) {
            for (std::size_t column = 0; column <= row; ++column) {
                double rest = at(row, column);
                for (std::size_t k = 0; k < column; ++k) {
                    rest -= at(row, k) * at(column, k);
                }
                at(row, column) =
                    row == column ? std::sqrt(std::max(rest, 1e-15)) : rest / at(column, column);
            }
        }
    }

    /// v^T M^-1 v for the factorised M; `v` is used up.
    [[nodiscard]] double quadratic(std::span<double> v) const {
        double sum = 0;
        for (std::size_t row = 0; row < size_; ++row) {
            double rest = v[row];
            for (std::size_t k = 0; k < row; ++k) {
                rest -= at(row, k) * v[k];
            }
            v[row] = rest / at(row, row);
            sum += v[row] * v[row];
        }
        return sum;
    }

private:
    std::vector<double> cells_;
    std::size_t size_;
};

/// The chance on the same side of 1/2 whose variance is `variance`.
double chance_with_variance(double chance, double variance) {
    const double root = std::sqrt(std::max(0.0, 1 - 4 * variance));
    return chance < 0.5 ? (1 - root) / 2 : (1 + root) / 2;
}

/// Entropy of a run that fails with this chance, in bits.
double entropy(double chance) {
    if (chance <= 0 || chance >= 1) {
        return 0;
    }
    return -chance * std::log2(chance) - (1 - chance) * std::log2(1 - chance);
}

class Chooser {
public:
    Chooser(const ProbeField& field, const ProbeCosts& costs)
        : field_(field), costs_(costs), bad_(field.sums.of(field.mass)) {
        if (field.predictions != nullptr) {
            predict(*field.predictions);
        }
    }

    /// The best commit when those of `others` are tested as well.
    std::optional<CommitIndex> best(const std::vector<CommitIndex>& others) {
        prepare(others);
        const double least = others.empty()
                                 ? least_information
                                 : std::max(least_information, least_beside * most_information());
        std::optional<CommitIndex> best;
        double best_score = 0;
        for (CommitIndex commit = 0; commit < bad_.size(); ++commit) {
            if (field_.testable[commit] == 0) {
                continue;
            }
            const double information = information_of(commit);
            if (information < least) {
                continue;
            }
            const double base = costs_.boot + costs_.sample;
            if (information / std::sqrt(base) < best_score * (1 - tie_width)) {
                continue; // not even if it were built
            }
            const double score = information / std::sqrt(base + build_cost(commit));
            const bool tie = best && std::abs(score - best_score) <= tie_width * best_score;
            if (tie ? id(commit) < id(*best) : score > best_score) {
                best = commit;
                best_score = std::max(score, best_score);
            }
        }
        return best;
    }

private:
    /// First moment of the prediction, and the mean of its entropy or square, by commit tried.
    void predict(const Predictions& predictions) {
        const auto second = [&](double level) {
            return predictions.spread > 0 ? level * level : entropy(level);
        };
        std::vector<double> means(bad_.size());
        std::vector<double> seconds(bad_.size());
        double base_mean = predictions.no_culprit * predictions.one_level;
        double base_second = predictions.no_culprit * second(predictions.one_level);
        for (std::size_t x = 0; x < bad_.size(); ++x) {
            const double good = predictions.good[x];
            const double bad = predictions.bad[x];
            const double good_second = second(good);
            base_mean += field_.mass[x] * good;
            base_second += field_.mass[x] * good_second;
            means[x] = field_.mass[x] * (bad - good);
            seconds[x] = field_.mass[x] * (second(bad) - good_second);
        }
        means_ = field_.sums.of(means);
        seconds_ = field_.sums.of(seconds);
        for (std::size_t commit = 0; commit < bad_.size(); ++commit) {
            means_[commit] += base_mean;
            seconds_[commit] += base_second;
        }
    }

    /// The most that one sample tells when no other is taken.
    double most_information() {
        if (!most_information_) {
            const auto others = std::exchange(distinct_, {});
            most_information_ = 0;
            for (CommitIndex commit = 0; commit < bad_.size(); ++commit) {
                if (field_.testable[commit] != 0) {
                    most_information_ = std::max(*most_information_, information_of(commit));
                }
            }
            distinct_ = others;
        }
        return *most_information_;
    }

    /// A commit that cannot be tested costs its build, too, and tells nothing.
    double information_of(CommitIndex commit) {
        return field_.works[commit] * information_if_tested(commit);
    }

    double information_if_tested(CommitIndex commit) {
        const auto& channel = field_.channel;
        const double chance = std::min(bad_[commit], 1.0);
        const double left = distinct_.empty() ? chance : chance_left(commit);
        if (means_.empty()) {
            return channel.information(left);
        }
        double alone = 0;
        if (field_.predictions->spread > 0) {
            const double variance =
                std::max(0.0, seconds_[commit] - means_[commit] * means_[commit]);
            const double spread = field_.predictions->spread;
            const double steps = variance / (spread * spread) * channel.noise();
            alone = channel.information(chance_with_variance(chance, std::min(steps, 0.25)));
        } else {
            alone = std::max(0.0, entropy(means_[commit]) - seconds_[commit]);
        }
        if (distinct_.empty()) {
            return alone;
        }
        const double full = channel.information(chance);
        return full > 0 ? alone * channel.information(left) / full : 0;
    }

    [[nodiscard]] const CommitId& id(CommitIndex commit) const {
        return field_.graph.nodes()[commit].id;
    }

    /// A repeat of a commit that is being built waits for the same build: it costs as much time.
    [[nodiscard]] double build_cost(CommitIndex commit) const {
        return costs_.build ? std::max(0.0, costs_.build(id(commit))) : 0;
    }

    [[nodiscard]] double covariance(CommitIndex commit, std::size_t other) const {
        return common_[other][commit] - bad_[commit] * bad_[distinct_[other]];
    }

    /// Mass of common ancestors with each of the others, and the matrix of the regression.
    void prepare(const std::vector<CommitIndex>& others) {
        auto sorted = others;
        std::sort(sorted.begin(), sorted.end());
        distinct_.clear();
        std::vector<double> samples;
        for (const auto other : sorted) {
            if (distinct_.empty() || distinct_.back() != other) {
                distinct_.push_back(other);
                samples.push_back(0);
            }
            samples.back() += std::max(field_.works[other], least_works);
        }
        common_.clear();
        for (const auto other : distinct_) {
            const auto inside = ancestors_of(field_.graph, other);
            std::vector<double> mass(field_.mass.begin(), field_.mass.end());
            for (std::size_t commit = 0; commit < mass.size(); ++commit) {
                mass[commit] = inside[commit] != 0 ? mass[commit] : 0;
            }
            common_.push_back(field_.sums.of(mass));
        }
        matrix_ = Triangle(distinct_.size());
        for (std::size_t row = 0; row < distinct_.size(); ++row) {
            for (std::size_t column = 0; column <= row; ++column) {
                matrix_.at(row, column) = covariance(distinct_[row], column);
            }
            matrix_.at(row, row) += field_.channel.noise() / samples[row] + 1e-12;
        }
        matrix_.factorise();
        vector_.resize(distinct_.size());
    }

    double chance_left(CommitIndex commit) {
        const double chance = std::min(bad_[commit], 1.0);
        for (std::size_t other = 0; other < distinct_.size(); ++other) {
            vector_[other] = covariance(commit, other);
        }
        const double left = chance * (1 - chance) - matrix_.quadratic(vector_);
        return chance_with_variance(chance, std::max(left, 0.0));
    }

    const ProbeField& field_;
    const ProbeCosts& costs_;
    std::vector<double> bad_;
    std::vector<double> means_;
    std::vector<double> seconds_;
    std::optional<double> most_information_;
    std::vector<CommitIndex> distinct_;
    std::vector<std::vector<double>> common_;
    Triangle matrix_{0};
    std::vector<double> vector_;
};

} // namespace

std::vector<CommitIndex> choose_probes(const ProbeField& field, const ProbeCosts& costs,
                                       std::size_t count, std::span<const CommitIndex> pending) {
    Chooser chooser(field, costs);
    std::vector<CommitIndex> all(pending.begin(), pending.end());
    while (all.size() < pending.size() + count) {
        const auto next = chooser.best(all);
        if (!next) {
            break;
        }
        all.push_back(*next);
    }
    const bool alone = all.size() < 2;
    for (int round = 0; round < refinements && !alone; ++round) {
        for (std::size_t place = pending.size(); place < all.size(); ++place) {
            auto others = all;
            others.erase(others.begin() + static_cast<std::ptrdiff_t>(place));
            all[place] = chooser.best(others).value_or(all[place]);
        }
    }
    return {all.begin() + static_cast<std::ptrdiff_t>(pending.size()), all.end()};
}

} // namespace lab::core
