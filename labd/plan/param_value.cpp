// SPDX-License-Identifier: Apache-2.0
#include "plan/param_value.h"

#include "base/characters.h"
#include "base/numbers.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
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
           !(param.largest && value > *param.largest) &&
           (param.type != ParamType::integer || value == std::floor(value));
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
        if (!number || !is_in_range(param, *number)) {
            return shown + range_text(param) + ")";
        }
    } else if (!param.allowed.empty() && std::find(param.allowed.begin(), param.allowed.end(),
                                                   value) == param.allowed.end()) {
        return shown + join(param.allowed, ", ") + ")";
    }
    return std::nullopt;
}

} // namespace lab::plan
