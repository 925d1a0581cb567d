// SPDX-License-Identifier: Apache-2.0
#include "core/metric_regex.h"

#include "base/numbers.h"

#include <array>
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

/// Of an output that is not kept as a whole.
constexpr std::size_t most_kept_output = std::size_t{1} << 20U;

constexpr const char* no_number = "finds no number in the output";

using MetricAnswer = Expected<double, std::string>;

struct MetricMatch {
    re2::StringPiece whole; ///< null data = none
    re2::StringPiece group;
};

MetricMatch match_of(const RE2& regex, std::string_view text) {
    std::array<re2::StringPiece, 2> groups;
    const re2::StringPiece all(text.data(), text.size());
    if (!regex.Match(all, 0, all.size(), RE2::UNANCHORED, groups.data(), 2)) {
        return {};
    }
    return {groups[0], groups[1]};
}

MetricAnswer number_in(const MetricMatch& match) {
    const auto value = parse_finite({match.group.data(), match.group.size()});
    return value ? MetricAnswer(*value) : Unexpected{std::string(no_number)};
}

MetricAnswer too_much(const std::string& what) {
    return Unexpected{"cannot be told: output over 1 MiB, " + what};
}

RE2::Options within_lines() {
    auto lines = options();
    lines.set_never_nl(true);
    return lines;
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

struct MetricSearch::Patterns {
    RE2 text;
    RE2 line;
};

MetricSearch::MetricSearch(const std::string& pattern)
    : patterns_(
          new Patterns{RE2(by_line(pattern), options()), RE2(by_line(pattern), within_lines())}) {}

MetricSearch::~MetricSearch() = default;

void MetricSearch::feed(std::string_view bytes) {
    while (!bytes.empty() && !answer_) {
        const auto part = bytes.substr(0, most_kept_output + 1 - pending_.size());
        pending_ += part;
        bytes.remove_prefix(part.size());
        if (pending_.size() <= most_kept_output) {
            return;
        }
        is_long_ = true;
        const auto lines = pending_.rfind('\n') + 1; // 0 = it holds no whole line
        if (lines == 0) {
            answer_ = too_much("and a line of it is as long");
            return;
        }
        search(std::string_view(pending_).substr(0, lines));
        pending_.erase(0, lines);
    }
}

/// Searches one part of a long output.
void MetricSearch::search(std::string_view lines) {
    const auto match = match_of(patterns_->line, lines);
    const auto wide = match_of(patterns_->text, lines);
    if (wide.whole.data() != match.whole.data() || wide.whole.size() != match.whole.size()) {
        answer_ = too_much("and the pattern matches more than one line of it");
    } else if (match.whole.data() != nullptr) {
        answer_ = number_in(match);
    }
}

MetricAnswer MetricSearch::finish(OutputEnd end) {
    const std::string_view text(pending_);
    const auto sure = end == OutputEnd::whole ? text.size() : text.rfind('\n') + 1;
    if (!answer_ && is_long_) {
        search(text.substr(0, sure));
    } else if (!answer_) {
        const auto match = match_of(patterns_->text, text.substr(0, sure));
        if (match.whole.data() != nullptr) {
            answer_ = number_in(match);
        }
    }
    if (answer_) {
        return *answer_;
    }
    const bool perhaps =
        match_of(patterns_->text, text.substr(sure)).whole.data() != nullptr && sure < text.size();
    return Unexpected{std::string(perhaps ? "finds a number that may have been cut" : no_number)};
}

} // namespace lab::core
