// SPDX-License-Identifier: Apache-2.0
#include "core/metric_lines.h"

#include "base/numbers.h"
#include "base/text.h"

#include <algorithm>
#include <optional>

namespace lab::core {
namespace {

constexpr std::size_t max_metrics = 1000;

bool is_word(std::string_view text) {
    static constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz"
                                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/%-";
    return !text.empty() && text.size() <= 64 &&
           text.find_first_not_of(allowed) == std::string_view::npos;
}

std::vector<std::string> fields_of(std::string_view line) {
    auto fields = split(line, ' ');
    std::erase(fields, "");
    return fields;
}

std::optional<std::string> problem_of(const std::vector<std::string>& words) {
    if (words.size() != 4) {
        return "must be LAB_METRIC <name> <value> <unit>";
    }
    if (!is_word(words[1]) || !is_word(words[3])) {
        return "name or unit is not valid (1 to 64 of letters, digits, '.', '_', '/', '%', '-')";
    }
    if (!parse_finite(words[2])) {
        return "value '" + cap(escape_for_terminal(words[2]), 40) +
               "' is not a finite decimal number";
    }
    return std::nullopt;
}

} // namespace

Parsed<std::vector<MetricLine>> parse_metric_lines(std::string_view output) {
    std::vector<MetricLine> metrics;
    Diagnostics diagnostics;
    std::size_t number = 0;
    for (const auto& line : split(output, '\n')) {
        ++number;
        const auto text = trim(line);
        if (!text.starts_with("LAB_METRIC ")) {
            continue;
        }
        const std::string where = "output line " + std::to_string(number);
        const auto words = fields_of(text);
        if (const auto problem = problem_of(words)) {
            diagnostics.push_back({where, *problem});
            continue;
        }
        const bool doubled = std::any_of(metrics.begin(), metrics.end(), [&](const auto& metric) {
            return metric.name == words[1];
        });
        if (doubled || metrics.size() == max_metrics) {
            diagnostics.push_back({where, doubled ? "metric '" + words[1] + "' is printed twice"
                                                  : "too many metrics (at most 1000)"});
            continue;
        }
        metrics.push_back({words[1], *parse_finite(words[2]), words[3]});
    }
    if (!diagnostics.empty()) {
        return Unexpected{diagnostics};
    }
    return metrics;
}

} // namespace lab::core
