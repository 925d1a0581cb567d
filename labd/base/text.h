// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lab {

/// Makes foreign bytes safe for a terminal or a log line: control bytes but \n and \t become \xNN,
/// invalid UTF-8 becomes U+FFFD, bidirectional overrides and zero-width characters become <U+NNNN>.
[[nodiscard]] std::string escape_for_terminal(std::string_view bytes);

/// First `limit` bytes of `text`, cut on a UTF-8 border, with "..." behind it when something was
/// cut.
[[nodiscard]] std::string cap(std::string_view text, std::size_t limit);

/// Valid UTF-8 with invalid sequences replaced by U+FFFD; the form that may enter JSON.
[[nodiscard]] std::string to_valid_utf8(std::string_view bytes);

/// "'text'", for a message: foreign text escaped for a terminal and capped at `limit` bytes.
[[nodiscard]] std::string quote_foreign(std::string_view text, std::size_t limit = 100);

/// Splits at every `separator`; "a,,b" gives {"a", "", "b"}, "" gives {""}.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

/// The words of a text, whatever white space is between them: a kernel prints tabs where one wrote
/// spaces.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Without leading and trailing spaces, tabs, CR and LF.
[[nodiscard]] std::string_view trim(std::string_view text);

/// `word` as one word of a POSIX shell: 'it'\''s'. For text sent to a guest's shell.
[[nodiscard]] std::string shell_quote(std::string_view word);

/// Words joined by spaces, each quoted where it needs it.
[[nodiscard]] std::string shell_join(const std::vector<std::string>& words);

} // namespace lab
