// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace lab::notify {

/// What a service counts.
enum class Unit {
    bytes, ///< of UTF-8
    utf16, ///< UTF-16 code units; never less than characters
};

/// How long a text may be.
struct Limit {
    Unit unit;
    std::size_t count;
};

/// Replacement of one character given as UTF-8.
using Escape = std::string (*)(std::string_view character);

/// Length of valid UTF-8.
[[nodiscard]] std::size_t length_of(std::string_view text, Unit unit);

/// `text` as a service takes it: valid UTF-8, control characters and deceptive ones made visible,
/// every character escaped, within the limit together with all escapes.
///
/// What is too long is cut between characters and ends with an ellipsis (U+2026). Limits below
/// three give an empty text when something must be cut. Pure, thread-safe.
[[nodiscard]] std::string fit(std::string_view text, Limit limit, Escape escape = nullptr);

/// & < > as entities: the whole escaping that Slack asks for; leaves no <!channel>.
[[nodiscard]] std::string escape_slack(std::string_view character);

/// Backslash before Markdown's punctuation, and an invisible space behind @ and <, so that nobody
/// is called.
[[nodiscard]] std::string escape_markdown(std::string_view character);

/// For the inside of a fenced block: it cannot be closed, and nobody is called.
[[nodiscard]] std::string escape_fenced(std::string_view character);

/// An invisible space behind @, where text is shown as it is.
[[nodiscard]] std::string escape_mentions(std::string_view character);

/// & < > " as entities, for markup without attributes.
[[nodiscard]] std::string escape_markup(std::string_view character);

} // namespace lab::notify
