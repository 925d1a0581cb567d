// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/units.h"
#include "plan/words.h"
#include "plan/yaml_document.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lab::plan {

class YamlMap;

/// Inclusive limits of a value.
template <class T>
struct Range {
    T smallest;
    T largest;
};

/// One value of a document, read as the type its reader expects.
///
/// Every reader returns nothing when the value is absent or wrong; what is wrong is reported, an
/// absent optional value is not. Refers to the tree and the problems, which must outlive it.
class YamlField {
public:
    /// @param at  where problems with the value are reported; of its map when it is absent.
    YamlField(const YamlNode* node, const YamlPosition& at, std::string label, Problems& problems)
        : node_(node), at_(at), label_(std::move(label)), problems_(&problems) {}

    [[nodiscard]] bool present() const noexcept { return node_ != nullptr; }

    /// Whether the value is a single one: neither a list nor a map.
    [[nodiscard]] bool is_scalar() const;

    /// Where the value stands in the document, for example "boot.crash[1]".
    [[nodiscard]] const std::string& label() const noexcept { return label_; }

    /// One line of 1 to 1024 bytes without control characters.
    [[nodiscard]] std::optional<std::string> line() const;

    /// Like line(), but a value that is refused is not repeated in the problem.
    [[nodiscard]] std::optional<std::string> secret_line() const;

    /// A path that a file can have, made absolute by `directory`; '~' is refused.
    [[nodiscard]] std::optional<std::filesystem::path>
    path(const std::filesystem::path& directory) const;

    /// Text of 1 byte to 64 KiB; line breaks are allowed.
    [[nodiscard]] std::optional<std::string> text() const;

    /// A name as lab::is_valid_name wants it.
    [[nodiscard]] std::optional<std::string> name() const;

    /// A decimal whole number without sign or leading zeros.
    [[nodiscard]] std::optional<unsigned> number(Range<unsigned> range) const;

    /// A size like "1GiB".
    [[nodiscard]] std::optional<Bytes> bytes(Range<Bytes> range) const;

    /// A time like "90s".
    [[nodiscard]] std::optional<Duration> duration(Range<Duration> range) const;

    /// One of a few words.
    template <class T>
    [[nodiscard]] std::optional<T> one_of(const Words<T>& words) const {
        std::vector<std::string> names;
        for (const auto& word : words) {
            names.emplace_back(word.first);
        }
        const auto index = index_of(names);
        return index ? std::optional(words[*index].second) : std::nullopt;
    }

    /// The values of a list of at most `limit`; none when absent or empty.
    [[nodiscard]] std::vector<YamlField> list(std::size_t limit = 256) const;

    /// Hands the value over as a map with fixed keys; keys that `read` does not ask for are
    /// reported. False when the value is absent or no map.
    bool map(const std::function<void(YamlMap&)>& read) const;

    /// The entries of a map from names to values; keys that are not names are reported.
    [[nodiscard]] std::vector<std::pair<std::string, YamlField>> named() const;

    /// "<file name>:<line>:<column>: <label>", for what is found out only later.
    [[nodiscard]] std::string place() const;

    /// Reports "<label>: <message>" at the value.
    void report(const std::string& message) const;

private:
    [[nodiscard]] const std::string* scalar(const char* expected) const;
    [[nodiscard]] std::optional<std::size_t> index_of(const std::vector<std::string>& names) const;
    void report_value(const std::string& problem, const std::string& allowed) const;

    const YamlNode* node_;
    YamlPosition at_;
    std::string label_;
    Problems* problems_;
};

/// A map with fixed keys. Made by YamlField::map.
class YamlMap {
public:
    YamlMap(const YamlNode& node, std::string label, Problems& problems)
        : node_(node), label_(std::move(label)), problems_(problems) {}

    [[nodiscard]] YamlField optional(const char* key);

    /// Like optional, but a missing key is reported.
    [[nodiscard]] YamlField required(const char* key);

    /// Reports the keys nobody asked for.
    void report_unknown_keys() const;

private:
    [[nodiscard]] std::string label_of(const std::string& key) const;

    const YamlNode& node_;
    std::string label_;
    Problems& problems_;
    std::vector<std::string> known_;
};

/// Reads a whole document as a map with fixed keys; false when it is none. A text of nothing but
/// comments is a map without keys.
bool read_map(const std::string& text, Problems& problems,
              const std::function<void(YamlMap&)>& read);

} // namespace lab::plan
