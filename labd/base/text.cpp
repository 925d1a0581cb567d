// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace lab {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// One decoded character: its code point, or -1 for an invalid byte, and the bytes it took.
struct Character {
    std::int32_t code;
    std::size_t length;
};

Character decode(std::string_view bytes) {
    const auto lead = static_cast<unsigned char>(bytes[0]);
    if (lead < 0x80) {
        return {lead, 1};
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || bytes.size() < length) {
        return {-1, 1};
    }
    std::int32_t code = lead & (0xFF >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        if ((byte & 0xC0U) != 0x80U) {
            return {-1, 1};
        }
        code = code * 64 + (byte & 0x3F);
    }
    static constexpr std::array<std::int32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < smallest.at(length) || code > 0x10FFFF || surrogate) {
        return {-1, 1};
    }
    return {code, length};
}

bool is_control(std::int32_t code) {
    return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0);
}

bool is_deceptive(std::int32_t code) {
    return (code >= 0x200B && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x2069) || code == 0xFEFF;
}

std::string print_code(const char* format, std::int32_t code) {
    std::array<char, 16> buffer{};
    std::snprintf(buffer.data(), buffer.size(), format, static_cast<unsigned>(code));
    return buffer.data();
}

bool needs_no_quotes(std::string_view word) {
    static constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                              "0123456789_-./:=,@%+";
    return !word.empty() && word.find_first_not_of(plain) == std::string_view::npos;
}

} // namespace

std::string escape_for_terminal(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    while (!bytes.empty()) {
        const auto character = decode(bytes);
        if (character.code < 0) {
            out += replacement;
        } else if (is_control(character.code)) {
            out += print_code("\\x%02x", character.code);
        } else if (is_deceptive(character.code)) {
            out += print_code("<U+%04X>", character.code);
        } else {
            out += bytes.substr(0, character.length);
        }
        bytes.remove_prefix(character.length);
    }
    return out;
}

std::string cap(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) {
        return std::string(text);
    }
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) {
        --limit;
    }
    return std::string(text.substr(0, limit)) + "...";
}

std::string to_valid_utf8(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    while (!bytes.empty()) {
        const auto character = decode(bytes);
        out += character.code < 0 ? replacement : bytes.substr(0, character.length);
        bytes.remove_prefix(character.length);
    }
    return out;
}

std::string quote_foreign(std::string_view text, std::size_t limit) {
    return "'" + cap(escape_for_terminal(text), limit) + "'";
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    for (auto at = text.find(separator); at != std::string_view::npos;
         at = text.find(separator, start)) {
        parts.emplace_back(text.substr(start, at - start));
        start = at + 1;
    }
    parts.emplace_back(text.substr(start));
    return parts;
}

std::vector<std::string> words_of(std::string_view text) {
    std::string plain(text);
    std::replace_if(
        plain.begin(), plain.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; },
        ' ');
    auto words = split(plain, ' ');
    std::erase(words, "");
    return words;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (const auto& part : parts) {
        if (&part != &parts.front()) {
            out += separator;
        }
        out += part;
    }
    return out;
}

std::string_view trim(std::string_view text) {
    static constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string shell_quote(std::string_view word) {
    std::string out = "'";
    for (const char c : word) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

std::string shell_join(const std::vector<std::string>& words) {
    std::vector<std::string> quoted;
    std::transform(
        words.begin(), words.end(), std::back_inserter(quoted),
        [](const std::string& word) { return needs_no_quotes(word) ? word : shell_quote(word); });
    return join(quoted, " ");
}

} // namespace lab
