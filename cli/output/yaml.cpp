// SPDX-License-Identifier: Apache-2.0
#include "cli/output/document.h"

#include <algorithm>
#include <array>

namespace lab::cli {
namespace {

using nlohmann::json;

/// A double-quoted scalar. JSON's ASCII form is one, but for surrogate pairs, which YAML lacks.
std::string quoted(const std::string& text) {
    const auto ascii = json(text).dump(-1, ' ', true, json::error_handler_t::replace);
    std::string out;
    for (std::size_t i = 0; i < ascii.size(); ++i) {
        if (ascii[i] != '\\') {
            out += ascii[i];
            continue;
        }
        const auto code = [&](std::size_t at) {
            return std::stoul(ascii.substr(at + 2, 4), nullptr, 16);
        };
        const bool surrogate = ascii[i + 1] == 'u' && code(i) >= 0xD800 && code(i) < 0xDC00;
        if (!surrogate) {
            out += ascii.substr(i, 2);
            ++i;
            continue;
        }
        std::array<char, 12> wide{};
        std::snprintf(wide.data(), wide.size(), "\\U%08lX",
                      0x10000UL + ((code(i) - 0xD800) << 10U) + (code(i + 6) - 0xDC00));
        out += wide.data();
        i += 11;
    }
    return out;
}

/// Words that YAML 1.1 takes for a bool or null.
bool is_reserved(const std::string& word) {
    static constexpr std::array<const char*, 9> words{"y",   "n",    "yes",   "no",  "on",
                                                      "off", "true", "false", "null"};
    std::string lower = word;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return std::any_of(words.begin(), words.end(), [&](const char* w) { return lower == w; });
}

std::string key_text(const std::string& key) {
    static constexpr const char* plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const bool simple = !key.empty() && (key[0] < '0' || key[0] > '9') &&
                        key.find_first_not_of(plain) == std::string::npos && !is_reserved(key);
    return simple ? key : quoted(key);
}

std::string scalar(const json& value) {
    if (value.is_string()) {
        return quoted(value.get<std::string>());
    }
    return value.empty() && value.is_structured() ? (value.is_array() ? "[]" : "{}")
                                                  : json_text(value);
}

void emit(const json& value, std::size_t indent, std::string& out);

/// What follows "key:" or "-".
void emit_child(const json& child, std::size_t indent, std::string& out) {
    if (!child.is_structured() || child.empty()) {
        out += " " + scalar(child) + "\n";
    } else {
        out += "\n";
        emit(child, indent + 2, out);
    }
}

void emit(const json& value, std::size_t indent, std::string& out) {
    const std::string margin(indent, ' ');
    if (value.is_object() && !value.empty()) {
        for (const auto& [key, child] : value.items()) {
            out += margin + key_text(key) + ":";
            emit_child(child, indent, out);
        }
    } else if (value.is_array() && !value.empty()) {
        for (const auto& child : value) {
            out += margin + "-";
            emit_child(child, indent, out);
        }
    } else {
        out += margin + scalar(value) + "\n";
    }
}

} // namespace

std::string to_yaml(const json& value) {
    std::string out;
    emit(value, 0, out);
    return out;
}

} // namespace lab::cli
