// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lab {

/// Lets a foreign program draw on a terminal and do nothing else with it.
///
/// Text, line control, colours, cursor movement, erasing, scrolling and the alternate screen pass.
/// What makes a terminal answer (as if its user typed), touches clipboard, title, window, palette,
/// keyboard or printer, or reports the mouse, is dropped, as is every control string (OSC, DCS,
/// APC, PM, SOS) and every sequence that is not known to be harmless. What comes out is valid UTF-8
/// without C1 controls and holds whole sequences only, however the input is cut.
///
/// @note One object a stream; not thread-safe. Keeps at most a few dozen bytes.
/// @see ECMA-48; xterm, Control Sequences; console_codes(4)
class TerminalFilter {
public:
    /// What of the next bytes of the stream may be written now.
    [[nodiscard]] std::string feed(std::string_view bytes);

private:
    enum class State { text, escape, sequence, control_string, palette };

    void take(char byte, std::string& out);
    void take_text(char byte, std::string& out);
    void take_character(char byte, std::string& out);
    void take_escape(char byte, std::string& out);
    void take_sequence(char byte, std::string& out);
    void take_string(char byte);

    State state_ = State::text;
    std::string pending_;         ///< of an unfinished character or sequence
    std::size_t string_left_ = 0; ///< bytes after which an unfinished string is given up
};

} // namespace lab
