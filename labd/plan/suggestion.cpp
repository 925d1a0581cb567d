// SPDX-License-Identifier: Apache-2.0
#include "plan/suggestion.h"

#include <algorithm>
#include <array>

namespace lab::plan {
namespace {

constexpr std::size_t longest_word = 64;

using Row = std::array<std::size_t, longest_word + 1>;

/// Optimal string alignment distance of two words of at most 64 bytes.
std::size_t distance(std::string_view a, std::string_view b) {
    Row before{};
    Row previous{};
    Row current{};
    for (std::size_t j = 0; j <= b.size(); ++j) {
        previous.at(j) = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current.at(0) = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            auto best =
                std::min({previous.at(j) + 1, current.at(j - 1) + 1, previous.at(j - 1) + cost});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                best = std::min(best, before.at(j - 2) + 1);
            }
            current.at(j) = best;
        }
        before = previous;
        previous = current;
    }
    return previous.at(b.size());
}

} // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
    std::string nearest;
    if (word.size() > longest_word) {
        return nearest;
    }
    std::size_t best = 4;
    for (const auto& candidate : known) {
        if (candidate.size() > longest_word) {
            continue;
        }
        const auto cost = distance(word, candidate);
        if (cost < best && cost * 3 <= std::max(word.size(), candidate.size())) {
            best = cost;
            nearest = candidate;
        }
    }
    return nearest;
}

} // namespace lab::plan
