// SPDX-License-Identifier: Apache-2.0
#include "notify/fit.h"

#include "base/text.h"

namespace lab::notify {
namespace {

constexpr std::string_view ellipsis = "\xE2\x80\xA6";
constexpr std::string_view invisible_space = "\xE2\x80\x8B";

/// Bytes of the character that starts with this byte of valid UTF-8.
std::size_t bytes_of(char lead) {
    const auto byte = static_cast<unsigned char>(lead);
    return byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
}

} // namespace

std::size_t length_of(std::string_view text, Unit unit) {
    if (unit == Unit::bytes) {
        return text.size();
    }
    std::size_t length = 0;
    for (std::size_t at = 0; at < text.size(); at += bytes_of(text[at])) {
        length += bytes_of(text[at]) == 4 ? 2 : 1;
    }
    return length;
}

std::string fit(std::string_view text, Limit limit, Escape escape) {
    const auto clean = escape_for_terminal(text);
    const auto end_length = length_of(ellipsis, limit.unit);
    std::string out;
    std::size_t length = 0;
    std::size_t room = 0; // bytes of `out` behind which the ellipsis still fits
    for (std::size_t at = 0; at < clean.size(); at += bytes_of(clean[at])) {
        const auto character = std::string_view(clean).substr(at, bytes_of(clean[at]));
        const auto piece = escape == nullptr ? std::string(character) : escape(character);
        out += piece;
        length += length_of(piece, limit.unit);
        if (length > limit.count) {
            out.resize(room);
            return end_length <= limit.count ? out.append(ellipsis) : std::string();
        }
        if (length + end_length <= limit.count) {
            room = out.size();
        }
    }
    return out;
}

std::string escape_slack(std::string_view character) {
    return character == "&"   ? "&amp;"
           : character == "<" ? "&lt;"
           : character == ">" ? "&gt;"
                              : std::string(character);
}

std::string escape_markdown(std::string_view character) {
    static constexpr std::string_view special = "\\`*_{}[]()#+-.!|~>";
    if (character.size() == 1 && special.find(character) != std::string_view::npos) {
        return "\\" + std::string(character);
    }
    return character == "<" ? "<" + std::string(invisible_space) : escape_mentions(character);
}

std::string escape_fenced(std::string_view character) {
    const bool acts = character == "`" || character == "<";
    return acts ? std::string(character).append(invisible_space) : escape_mentions(character);
}

std::string escape_mentions(std::string_view character) {
    return character == "@" ? "@" + std::string(invisible_space) : std::string(character);
}

std::string escape_markup(std::string_view character) {
    return character == "\"" ? "&quot;" : escape_slack(character);
}

} // namespace lab::notify
