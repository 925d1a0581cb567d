// SPDX-License-Identifier: Apache-2.0
#include "plan/param_value.h"

#include "base/characters.h"
#include "base/numbers.h"
#include "base/text.h"

#include <algorithm>
#include <sstream>

namespace lab::plan {
namespace {

constexpr std::size_t longest_value = 1024;

std::string short_text(double value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

std::string range_text(const Param& param) {
    std::string text = param.type == ParamType::integer ? "a whole number" : "a number";
    if (param.smallest) {
        text += " from " + short_text(*param.smallest);
    }
    if (param.largest) {
        text += (param.smallest ? " to " : " up to ") + short_text(*param.largest);
    }
    return text;
}

bool is_in_range(const Param& param, double value) {
    return !(param.smallest && value < *param.smallest) &&
           !(param.largest && value > *param.largest);
}

/// Scripts get the text: "1e3" is no number to a shell, and "010" is 8.
bool is_whole(std::string_view text) {
    const auto digits = text.substr(text.starts_with('-') ? 1 : 0);
    return !digits.empty() && digits.size() <= 18 && (digits.size() == 1 || digits[0] != '0') &&
           digits.find_first_not_of("0123456789") == std::string_view::npos;
}

} // namespace

std::optional<std::string> param_problem(const Param& param, const std::string& value) {
    const auto shown = "'" + cap(escape_for_terminal(value), 64) + "' is not allowed (";
    const bool printable = std::none_of(value.begin(), value.end(), is_control);
    if (!printable || value.size() > longest_value) {
        return shown + "one line of at most " + std::to_string(longest_value) + " bytes)";
    }
    if (param.type != ParamType::text) {
        const auto number = parse_finite(value);
        const bool fits = param.type != ParamType::integer || is_whole(value);
        if (!number || !fits || !is_in_range(param, *number)) {
            return shown + range_text(param) + ")";
        }
    } else if (!param.allowed.empty() && std::find(param.allowed.begin(), param.allowed.end(),
                                                   value) == param.allowed.end()) {
        return shown + join(param.allowed, ", ") + ")";
    }
    return std::nullopt;
}

} // namespace lab::plan
