// SPDX-License-Identifier: Apache-2.0
#include "core/metric_lines.h"

#include "base/numbers.h"
#include "base/text.h"

#include <algorithm>
#include <optional>

namespace lab::core {
namespace {

constexpr std::size_t max_metrics = 1000;
constexpr std::size_t max_complaints = 20;
constexpr std::size_t max_line = 4096;
constexpr std::string_view metric_mark = "LAB_METRIC ";
constexpr std::string_view blanks_before = " \t\r";

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

void MetricLines::feed(std::string_view bytes) {
    for (;;) {
        const auto end = bytes.find('\n');
        keep(bytes.substr(0, end));
        if (end == std::string_view::npos) {
            return;
        }
        end_line();
        bytes.remove_prefix(end + 1);
    }
}

void MetricLines::keep(std::string_view part) {
    if (line_.empty()) {
        part.remove_prefix(std::min(part.find_first_not_of(blanks_before), part.size()));
    }
    // Of a line without the mark, no more is needed than shows that.
    const bool ignored = line_.size() >= metric_mark.size() && !line_.starts_with(metric_mark);
    const auto room = ignored ? 0 : max_line - line_.size();
    too_long_ = too_long_ || part.size() > room;
    line_ += part.substr(0, room);
}

void MetricLines::end_line() {
    const auto text = trim(line_);
    if (text.starts_with(metric_mark)) {
        if (too_long_) {
            complain("is longer than " + std::to_string(max_line) + " bytes");
        } else {
            read_line(text);
        }
    }
    ++number_;
    line_.clear();
    too_long_ = false;
}

void MetricLines::read_line(std::string_view line) {
    const auto words = fields_of(line);
    if (const auto problem = problem_of(words)) {
        complain(*problem);
        return;
    }
    const bool doubled = std::any_of(metrics_.begin(), metrics_.end(),
                                     [&](const auto& metric) { return metric.name == words[1]; });
    if (doubled || metrics_.size() == max_metrics) {
        complain(doubled ? "metric '" + words[1] + "' is printed twice"
                         : "too many metrics (at most 1000)");
        return;
    }
    metrics_.push_back({words[1], *parse_finite(words[2]), words[3]});
}

void MetricLines::complain(const std::string& problem) {
    if (diagnostics_.size() < max_complaints) {
        diagnostics_.push_back({"output line " + std::to_string(number_), problem});
    }
}

Parsed<std::vector<MetricLine>> MetricLines::finish(OutputEnd end) {
    const auto size = std::min(line_.size(), metric_mark.size());
    if (end == OutputEnd::cut && size > 0 &&
        std::string_view(line_).substr(0, size) == metric_mark.substr(0, size)) {
        complain("may have been cut");
    } else {
        end_line();
    }
    if (!diagnostics_.empty()) {
        return Unexpected{std::move(diagnostics_)};
    }
    return std::move(metrics_);
}

} // namespace lab::core
