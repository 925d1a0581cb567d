// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "base/expected.h"

#include <string>
#include <vector>

namespace lab {

/// One thing that is wrong with an input text.
struct Diagnostic {
    std::string where;     ///< "lab.yaml:12:5" or the option or object it is about
    std::string message;   ///< what is wrong, with what is allowed in parentheses
    std::string hint = {}; ///< what to do; may be empty
};

/// Everything that is wrong with an input, never empty when it is an error.
using Diagnostics = std::vector<Diagnostic>;

template <class T>
using Parsed = Expected<T, Diagnostics>;

/// A bad_input Error that carries all diagnostics, one a line.
[[nodiscard]] Error to_error(const Diagnostics& diagnostics);

/// The value, or the diagnostics as a thrown Error: the one bridge between both forms.
template <class T>
T value_or_throw(Parsed<T> parsed) {
    if (!parsed) {
        throw to_error(parsed.error());
    }
    return std::move(parsed).value();
}

} // namespace lab
