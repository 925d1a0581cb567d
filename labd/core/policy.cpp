// SPDX-License-Identifier: Apache-2.0
#include "core/policy.h"

#include <algorithm>
#include <array>

namespace lab::core {
namespace {

/// Words that are no terms: `git bisect` has commands of these names.
constexpr std::array<const char*, 12> taken{"help", "start",  "skip", "next", "reset", "visualize",
                                            "view", "replay", "log",  "run",  "terms", "status"};

bool is_word(const std::string& text) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    const bool inner =
        !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), fits);
    return inner && text.front() != '-' && text.front() != '.' && text.back() != '.' &&
           text.find("..") == std::string::npos;
}

} // namespace

std::string word_of(Verdict verdict, const Terms& terms) {
    return verdict == Verdict::good ? terms.good : verdict == Verdict::bad ? terms.bad : "skip";
}

std::optional<std::string> problem_of(const Terms& terms) {
    for (const auto& term : {terms.good, terms.bad}) {
        const auto* found = std::find(taken.begin(), taken.end(), term);
        if (!is_word(term) || found != taken.end()) {
            return "is no term (letters, digits, '-', '_' and '.'; no command of git bisect)";
        }
    }
    if (terms.good == terms.bad) {
        return "the terms must differ";
    }
    if (terms.good == "bad" || terms.good == "new" || terms.bad == "good" || terms.bad == "old") {
        return "the terms would swap good and bad";
    }
    return std::nullopt;
}

const char* to_string(Strategy strategy) noexcept {
    return strategy == Strategy::git ? "git" : "bayes";
}

const char* to_string(Wanted wanted) noexcept {
    switch (wanted) {
    case Wanted::first:
        return "first";
    case Wanted::largest:
        return "largest";
    case Wanted::all:
        break;
    }
    return "all";
}

std::optional<Strategy> strategy_from(const std::string& word) noexcept {
    for (const auto strategy : {Strategy::git, Strategy::bayes}) {
        if (word == to_string(strategy)) {
            return strategy;
        }
    }
    return std::nullopt;
}

std::optional<Wanted> wanted_from(const std::string& word) noexcept {
    for (const auto wanted : {Wanted::first, Wanted::largest, Wanted::all}) {
        if (word == to_string(wanted)) {
            return wanted;
        }
    }
    return std::nullopt;
}

} // namespace lab::core
