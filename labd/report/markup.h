// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace lab::report {

/// Foreign bytes as text of HTML or SVG, also inside a quoted attribute: markup characters become
/// entities; control bytes, bidirectional overrides and zero-width characters become visible. Pure.
[[nodiscard]] std::string html_text(std::string_view bytes);

/// Foreign bytes as text of Markdown, in one line: every character that Markdown, or HTML in it,
/// could understand is escaped. Pure.
[[nodiscard]] std::string markdown_text(std::string_view bytes);

/// Foreign bytes as a code span in one line: nothing in it is understood, no name in it is
/// notified. Empty for nothing. Pure.
[[nodiscard]] std::string markdown_code(std::string_view bytes);

/// The same for a cell of a table, which is divided before code is seen. Pure.
[[nodiscard]] std::string markdown_code_cell(std::string_view bytes);

/// Foreign bytes as a fenced block of lines, ending with a newline; the fence is longer than any in
/// the text. Pure.
[[nodiscard]] std::string markdown_block(std::string_view bytes);

} // namespace lab::report
