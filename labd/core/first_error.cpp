// SPDX-License-Identifier: Apache-2.0
#include "core/first_error.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace lab::core {
namespace {

constexpr std::size_t line_limit = 300;

/// In lower case; each as it stands in lines of gcc, clang, ld, make, cargo, python, sh and others.
constexpr std::array<std::string_view, 12> marks{"error:",
                                                 "error[",
                                                 " error ",
                                                 "fatal:",
                                                 "undefined reference",
                                                 "undefined symbol",
                                                 "no such file or",
                                                 "command not found",
                                                 ": not found",
                                                 "cannot find ",
                                                 "*** ",
                                                 "exception:"};

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool looks_like_error(std::string_view line) {
    std::string lower(line);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    // "0 errors" and "-Werror" are none, "NameError: x" is one.
    return lower.starts_with("error ") ||
           std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) {
               return lower.find(mark) != std::string::npos;
           });
}

} // namespace

void FirstError::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        const auto part = bytes.substr(0, end);
        if (error_.empty()) {
            pending_ += part.substr(0, line_limit - std::min(line_limit, pending_.size()));
        }
        if (end == std::string_view::npos) {
            return;
        }
        end_line();
        bytes.remove_prefix(end + 1);
    }
}

void FirstError::end_line() {
    const auto line = std::string(trim(pending_));
    pending_.clear();
    if (!error_.empty() || line.empty()) {
        return;
    }
    last_ = line;
    if (looks_like_error(line)) {
        error_ = line;
    }
}

std::string FirstError::line() const {
    if (!error_.empty()) {
        return error_;
    }
    const auto rest = std::string(trim(pending_));
    return rest.empty() ? last_ : rest;
}

std::string failure_key(std::string_view line) {
    std::string key;
    for (std::size_t at = 0; at < line.size();) {
        std::size_t end = at;
        while (end < line.size() && is_word(line[end])) {
            ++end;
        }
        const auto word = line.substr(at, end - at);
        const bool is_number =
            !word.empty() && std::isdigit(static_cast<unsigned char>(word.front())) != 0;
        if (is_number) {
            key += '#';
        } else if (!word.empty()) {
            key += word;
        } else {
            ++end;
            if (line[at] == '/') { // what stands before is a directory
                const auto begin = key.find_last_of(" '\"`(:<=");
                key.erase(begin == std::string::npos ? 0 : begin + 1);
            } else {
                key += line[at];
            }
        }
        at = end;
    }
    return key;
}

} // namespace lab::core
