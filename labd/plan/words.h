// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lab::plan {

/// The words of a choice and what each stands for.
template <class T>
using Words = std::vector<std::pair<const char*, T>>;

/// What a word stands for.
template <class T>
[[nodiscard]] std::optional<T> value_of(const Words<T>& words, const std::string& word) {
    const auto found = std::find_if(words.begin(), words.end(),
                                    [&](const auto& entry) { return entry.first == word; });
    return found == words.end() ? std::nullopt : std::optional(found->second);
}

/// The word for a value.
/// @pre There is one.
template <class T>
[[nodiscard]] const char* word_of(const Words<T>& words, T value) {
    return std::find_if(words.begin(), words.end(),
                        [&](const auto& entry) { return entry.second == value; })
        ->first;
}

/// All words for people: "a, b or c".
template <class T>
[[nodiscard]] std::string list_of(const Words<T>& words) {
    std::string text;
    for (std::size_t index = 0; index < words.size(); ++index) {
        text += index == 0 ? "" : index + 1 == words.size() ? " or " : ", ";
        text += words[index].first;
    }
    return text;
}

} // namespace lab::plan
