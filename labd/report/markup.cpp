// SPDX-License-Identifier: Apache-2.0
#include "report/markup.h"

#include "base/text.h"

#include <algorithm>

namespace lab::report {
namespace {

/// Safe for a terminal, and in one line.
std::string one_line(std::string_view bytes) {
    auto text = escape_for_terminal(trim(bytes));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return text;
}

/// Length of the longest run of backticks.
std::size_t longest_ticks(std::string_view text) {
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return longest;
}

} // namespace

std::string html_text(std::string_view bytes) {
    std::string out;
    for (const char c : escape_for_terminal(bytes)) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string markdown_text(std::string_view bytes) {
    static constexpr std::string_view special = "\\`*_[]<>|~#&$@";
    static constexpr std::string_view digits = "0123456789";
    const auto text = one_line(bytes);
    // What begins a list, a number of one or an underline, has a meaning only in front.
    const auto numbered = std::min(text.find_first_not_of(digits), text.size());
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool in_front =
            (i == 0 && std::string_view("-+=").find(text[i]) != std::string::npos) ||
            (i > 0 && i == numbered && (text[i] == '.' || text[i] == ')'));
        const bool escaped = in_front || special.find(text[i]) != std::string_view::npos;
        out += escaped ? "\\" : "";
        out += text[i];
    }
    return out;
}

std::string markdown_code(std::string_view bytes) {
    const auto text = one_line(bytes);
    if (text.empty()) {
        return {};
    }
    const std::string ticks(longest_ticks(text) + 1, '`');
    const bool padded = text.front() == '`' || text.back() == '`';
    return ticks + (padded ? " " + text + " " : text) + ticks;
}

std::string markdown_code_cell(std::string_view bytes) {
    return join(split(markdown_code(bytes), '|'), "\\|");
}

std::string markdown_block(std::string_view bytes) {
    auto text = escape_for_terminal(bytes);
    if (!text.empty() && text.back() != '\n') {
        text += '\n';
    }
    const std::string fence(std::max<std::size_t>(3, longest_ticks(text) + 1), '`');
    return fence + "text\n" + text + fence + "\n";
}

} // namespace lab::report
