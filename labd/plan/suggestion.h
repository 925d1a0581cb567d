// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lab::plan {

/// The known word that `word` most likely stands for, or an empty text when none is near.
///
/// Near means an edit distance (insert, delete, replace, swap of neighbours) of at most a third of
/// the longer word, and at most 3. Ties go to the first. Words above 64 bytes have no suggestion.
/// Pure, thread-safe.
[[nodiscard]] std::string nearest_word(std::string_view word,
                                       const std::vector<std::string>& known);

} // namespace lab::plan
