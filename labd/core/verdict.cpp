// SPDX-License-Identifier: Apache-2.0
#include "core/verdict.h"

namespace lab::core {

const char* to_string(Verdict verdict) noexcept {
    switch (verdict) {
    case Verdict::good:
        return "good";
    case Verdict::bad:
        return "bad";
    case Verdict::skip:
        break;
    }
    return "skip";
}

const char* to_string(Direction direction) noexcept {
    return direction == Direction::higher_is_better ? "higher_is_better" : "lower_is_better";
}

std::optional<Verdict> verdict_from(const std::string& word) noexcept {
    for (const auto verdict : {Verdict::good, Verdict::bad, Verdict::skip}) {
        if (word == to_string(verdict)) {
            return verdict;
        }
    }
    return std::nullopt;
}

std::optional<Direction> direction_from(const std::string& word) noexcept {
    for (const auto direction : {Direction::higher_is_better, Direction::lower_is_better}) {
        if (word == to_string(direction)) {
            return direction;
        }
    }
    return std::nullopt;
}

} // namespace lab::core
