// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "base/json.h"
#include "plan/words.h"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lab::plan {

/// Adds a diagnostic on one line; more than a hundred are not kept.
void add_problem(Diagnostics& problems, const std::string& where, const std::string& message);

/// Reads one JSON object of a request: every ill-typed or missing member, and every member that
/// nobody asked for, is a diagnostic. Not thread-safe.
class JsonReader {
public:
    using Json = nlohmann::json;

    JsonReader(const Json& json, std::string label, Diagnostics& problems)
        : json_(json), label_(std::move(label)), problems_(problems) {}

    void read(const std::function<void(JsonReader&)>& members);

    /// A text of at most `limit` bytes without NUL; empty when it is not one.
    [[nodiscard]] std::string text(const char* key, std::size_t limit = 1024);

    /// A valid name of a VM.
    [[nodiscard]] std::string vm(const char* key);

    /// A revision as parse_revision() wants it.
    [[nodiscard]] std::string revision(const char* key);

    [[nodiscard]] bool flag(const char* key);

    /// A whole number from `smallest` to `largest`.
    [[nodiscard]] unsigned number(const char* key, unsigned smallest, unsigned largest = 1000);
    [[nodiscard]] std::optional<unsigned> optional_number(const char* key, unsigned smallest);

    /// A number from 0.5 to below 1.
    [[nodiscard]] double chance(const char* key);

    /// One of some words by its inverse of to_string.
    template <class T>
    [[nodiscard]] T word(const char* key, std::optional<T> (*parse)(const std::string&),
                         const char* allowed, T otherwise) {
        const auto value = parse(text(key));
        check(key, value.has_value(), allowed);
        return value.value_or(otherwise);
    }

    /// One of some words, if the member is there.
    template <class T>
    [[nodiscard]] std::optional<T> optional_word(const char* key, const Words<T>& words) {
        if (!has(key)) {
            return std::nullopt;
        }
        const auto value = value_of(words, text(key));
        check(key, value.has_value(), list_of(words));
        return value;
    }

    /// Texts that are not empty.
    [[nodiscard]] std::vector<std::string> texts(const char* key);

    /// Texts by name, names and texts as text() wants them.
    [[nodiscard]] std::map<std::string, std::string> text_map(const char* key);

    /// Whether an optional member is there; it counts as known from now on.
    [[nodiscard]] bool has(const char* key);

    /// Reads a member that is an object.
    void object(const char* key, const std::function<void(JsonReader&)>& members);

    /// Calls `each` for every item of a list, with what it is called in diagnostics.
    void list(const char* key, const std::function<void(const Json&, const std::string&)>& each);

    void check(const char* key, bool holds, const std::string& allowed);
    void report(const std::string& message) { add_problem(problems_, label_, message); }

    [[nodiscard]] Diagnostics& problems() noexcept { return problems_; }

private:
    void report(const char* key, const std::string& message);
    const Json* member(const char* key);

    const Json& json_;
    std::string label_;
    Diagnostics& problems_;
    std::set<std::string> known_;
};

} // namespace lab::plan
