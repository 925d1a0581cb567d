// SPDX-License-Identifier: Apache-2.0
#include "core/console_watch.h"

#include "base/text.h"

#include <re2/re2.h>

#include <algorithm>

namespace lab::core {
namespace {

RE2::Options pattern_options() {
    RE2::Options options(RE2::Quiet);
    // Console bytes need not be UTF-8; a broken sequence must not hide a panic.
    options.set_encoding(RE2::Options::EncodingLatin1);
    options.set_max_mem(1 << 20);
    return options;
}

std::optional<std::string> problem_of(const std::string& pattern) {
    if (pattern.empty() || pattern.size() > crash_pattern_limit) {
        return "has " + std::to_string(pattern.size()) + " bytes (1 to " +
               std::to_string(crash_pattern_limit) + ")";
    }
    const RE2 compiled(pattern, pattern_options());
    if (!compiled.ok()) {
        return "is no regular expression: " + escape_for_terminal(compiled.error()) +
               " (RE2 syntax)";
    }
    if (RE2::PartialMatch("", compiled)) {
        return "matches an empty line (a pattern must match crashes only)";
    }
    return std::nullopt;
}

void replace_all(std::string& text, const RE2& pattern, const char* by) {
    RE2::GlobalReplace(&text, pattern, by);
}

} // namespace

Diagnostics check_crash_patterns(const std::vector<std::string>& patterns,
                                 const std::string& where) {
    Diagnostics problems;
    if (patterns.size() > most_crash_patterns) {
        problems.push_back({where, "has " + std::to_string(patterns.size()) +
                                       " patterns (at most " + std::to_string(most_crash_patterns) +
                                       ")"});
        return problems;
    }
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        if (const auto problem = problem_of(patterns[i])) {
            problems.push_back({where + "[" + std::to_string(i) + "]",
                                "'" + escape_for_terminal(cap(patterns[i], 80)) + "' " + *problem});
        }
    }
    return problems;
}

std::string crash_signature(std::string_view line) {
    static const RE2 stamp(R"(\[\s*\d+\.\d+\])", pattern_options());
    static const RE2 caller(R"(\[\s*[TC]\d+\])", pattern_options());
    static const RE2 prefixed_hex(R"(\b0[xX][0-9a-fA-F]+)", pattern_options());
    static const RE2 long_hex(R"(\b[0-9a-fA-F]{8,}\b)", pattern_options());
    static const RE2 short_hex(R"(\b[0-9a-fA-F]*[0-9][0-9a-fA-F]*\b)", pattern_options());
    static const RE2 decimal(R"([0-9]+)", pattern_options());
    static const RE2 blanks(R"([ \t\r]+)", pattern_options());
    std::string text(line.substr(0, console_line_limit));
    replace_all(text, stamp, "");
    replace_all(text, caller, "");
    for (const RE2* number : {&prefixed_hex, &long_hex, &short_hex, &decimal}) {
        replace_all(text, *number, "#");
    }
    replace_all(text, blanks, " ");
    constexpr std::size_t ellipsis = 3;
    return cap(escape_for_terminal(trim(text)), signature_limit - ellipsis);
}

ConsoleWatch::ConsoleWatch(std::string ready_mark, Patterns patterns)
    : ready_mark_(std::move(ready_mark)), patterns_(std::move(patterns)) {}

Parsed<ConsoleWatch> ConsoleWatch::create(std::string ready_mark,
                                          const std::vector<std::string>& crash_patterns) {
    auto problems = check_crash_patterns(crash_patterns, "crash");
    if (!problems.empty()) {
        return Unexpected{std::move(problems)};
    }
    Patterns patterns;
    for (const auto& pattern : crash_patterns) {
        patterns.push_back(std::make_shared<const RE2>(pattern, pattern_options()));
    }
    return ConsoleWatch(std::move(ready_mark), std::move(patterns));
}

void ConsoleWatch::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto feed_at = bytes.find('\n');
        const auto part = bytes.substr(0, feed_at);
        line_.append(part.substr(0, console_line_limit - line_.size()));
        if (feed_at == std::string_view::npos) {
            return;
        }
        take_line();
        line_.clear();
        bytes.remove_prefix(feed_at + 1);
    }
}

void ConsoleWatch::take_line() {
    std::erase(line_, '\r');
    const auto text = trim(line_);
    if (!ready_mark_.empty() && text == ready_mark_) {
        ready_ = true;
    }
    if (crash_) {
        return;
    }
    const auto hit = std::any_of(patterns_.begin(), patterns_.end(), [&](const auto& pattern) {
        return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern);
    });
    if (hit) {
        crash_ = Crash{crash_signature(text), cap(escape_for_terminal(text), console_line_limit)};
    }
}

ConsoleWatch::State ConsoleWatch::state() const noexcept {
    if (crash_) {
        return State::crashed;
    }
    return ready_ ? State::ready : State::waiting;
}

} // namespace lab::core
