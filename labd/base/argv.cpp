// SPDX-License-Identifier: Apache-2.0
#include "base/argv.h"

#include <algorithm>
#include <iterator>

namespace lab {

std::vector<char*> pointers_to(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    std::transform(words.begin(), words.end(), std::back_inserter(pointers),
                   [](std::string& word) { return word.data(); });
    pointers.push_back(nullptr);
    return pointers;
}

} // namespace lab
