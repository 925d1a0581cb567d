// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"

#include <optional>
#include <string>
#include <vector>

namespace lab::plan {

/// Place in a text; both count from 1, columns in characters.
struct YamlPosition {
    unsigned line = 1;
    unsigned column = 1;
};

struct YamlEntry;

/// One value of a YAML text with the place where it starts.
struct YamlNode {
    enum class Kind { null, scalar, list, map };

    Kind kind = Kind::null;
    YamlPosition at;
    std::string text;               ///< scalar
    std::vector<YamlNode> items;    ///< list
    std::vector<YamlEntry> entries; ///< map, in the order of the text; keys are unique
};

/// A key of a map and its value.
struct YamlEntry {
    std::string key;
    YamlPosition at;
    YamlNode value;
};

/// Collects what is wrong with one file. Keeps the first 100 problems, then only counts them.
class Problems {
public:
    explicit Problems(std::string file_name) : file_name_(std::move(file_name)) {}

    /// Adds "<file name>:<line>:<column>: <message>". Foreign text in it is escaped.
    void add(const YamlPosition& at, const std::string& message);

    /// "<file name>:<line>:<column>"
    [[nodiscard]] std::string place(const YamlPosition& at) const;

    [[nodiscard]] bool empty() const noexcept { return found_.empty(); }

    /// All problems in the order of the text; leaves none.
    [[nodiscard]] Diagnostics take();

private:
    struct Found {
        YamlPosition at;
        Diagnostic diagnostic;
    };

    std::string file_name_;
    std::vector<Found> found_;
    std::size_t dropped_ = 0;
};

/// Reads one YAML document from hostile text.
///
/// Refused: more than 1 MiB, NUL and other control bytes, byte order marks, UTF-16, invalid UTF-8,
/// nesting above 64, more than 50 000 values, anchors, aliases, tags, duplicate keys, keys that
/// are not plain words and a second document. An empty text is a null node.
///
/// @return nothing after a problem that leaves no tree; problems that leave one (a duplicate key)
///         are added as well, so look at `problems`. Pure; time is linear in the text.
[[nodiscard]] std::optional<YamlNode> read_yaml(const std::string& text, Problems& problems);

} // namespace lab::plan
