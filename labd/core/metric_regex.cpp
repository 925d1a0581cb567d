// SPDX-License-Identifier: Apache-2.0
#include "core/metric_regex.h"

#include "base/numbers.h"

#include <re2/re2.h>

namespace lab::core {
namespace {

RE2::Options options() {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_encoding(RE2::Options::EncodingLatin1); // foreign bytes, not always UTF-8
    return options;
}

/// Several lines are one text: ^ and $ are at line ends.
std::string by_line(const std::string& pattern) {
    return "(?m)" + pattern;
}

} // namespace

std::optional<std::string> metric_regex_problem(const std::string& pattern) {
    const RE2 regex(by_line(pattern), options());
    if (!regex.ok()) {
        return "RE2 syntax: " + regex.error();
    }
    if (regex.NumberOfCapturingGroups() != 1) {
        return "exactly one group around the number, as in 'score: ([0-9.]+)'";
    }
    return std::nullopt;
}

std::optional<double> find_metric(const std::string& pattern, std::string_view text) {
    const RE2 regex(by_line(pattern), options());
    re2::StringPiece group;
    if (!RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), regex, &group)) {
        return std::nullopt;
    }
    return parse_finite({group.data(), group.size()});
}

} // namespace lab::core
