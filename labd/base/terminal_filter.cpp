// SPDX-License-Identifier: Apache-2.0
#include "base/terminal_filter.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace lab {
namespace {

constexpr char escape = '\x1b';
constexpr char cancel = '\x18';
constexpr char substitute = '\x1a';
constexpr std::string_view stand_in = "\xEF\xBF\xBD";

/// A longer one is no sequence that a program draws with.
constexpr std::size_t longest_sequence = 64;

/// A string that nobody ends must not swallow what a crashing kernel says next.
constexpr std::size_t longest_string = 4096;
constexpr std::string_view string_ends = "\a\x18\x1a\n";

/// "P" and seven hex digits: how Linux's console is given a colour, without any end.
constexpr std::size_t palette_digits = 7;

/// Bell, backspace, tab, the line feeds, carriage return, and the shifts of line drawing. Not ENQ,
/// which a terminal answers, nor XOFF, which stops it.
constexpr std::string_view passing_controls = "\a\b\t\n\v\f\r\x0e\x0f";

/// After ESC alone: save and restore the cursor, keypad modes, line feeds, tab stop, reset.
constexpr std::string_view passing_escapes = "78=>DEHMc";

/// Of CSI without prefix: cursor, erasing, inserting, deleting, scrolling, tabs, colours, margins.
constexpr std::string_view passing_finals = "@ABCDEFGHIJKLMPSTXZ`abdefgmrsu";

/// Of CSI ? h and l: cursor keys, reverse screen, origin, wrapping, the cursor, the alternate
/// screens, bracketed paste. Not the mouse and not the focus: they make a terminal send.
constexpr std::array<std::string_view, 11> passing_modes{"1",  "5",    "6",    "7",    "12",  "25",
                                                         "47", "1047", "1048", "1049", "2004"};

bool is_in(std::string_view set, char byte) {
    return set.find(byte) != std::string_view::npos;
}

bool is_control(char byte) {
    return static_cast<unsigned char>(byte) < 0x20 || byte == '\x7f';
}

bool is_between(char byte, char first, char last) {
    return byte >= first && byte <= last;
}

bool is_intermediate(char byte) {
    return is_between(byte, ' ', '/');
}

bool are_passing_modes(std::string_view modes) {
    const auto all = split(modes, ';');
    return std::all_of(all.begin(), all.end(), [](const std::string& mode) {
        return std::find(passing_modes.begin(), passing_modes.end(), mode) != passing_modes.end();
    });
}

/// Whether what stands between CSI and its final byte is numbers only, as a colour's may be with
/// colons.
bool are_numbers(std::string_view parameters) {
    return parameters.find_first_not_of("0123456789;:") == std::string_view::npos;
}

/// `sequence` is whole, from ESC to its final byte.
bool may_pass(std::string_view sequence) {
    const char final = sequence.back();
    const auto middle = sequence.substr(2, sequence.size() - 3);
    if (are_numbers(middle)) {
        const bool insert_mode = middle == "4" && is_in("hl", final);
        return insert_mode || is_in(passing_finals, final);
    }
    if (middle == "!" && final == 'p') { // soft reset
        return true;
    }
    if (middle.back() == ' ' && final == 'q') { // shape of the cursor
        return are_numbers(middle.substr(0, middle.size() - 1));
    }
    const bool is_private = middle.front() == '?' && are_numbers(middle.substr(1));
    return is_private &&
           (is_in("JK", final) || (is_in("hl", final) && are_passing_modes(middle.substr(1))));
}

/// `sequence` is whole: ESC, an intermediate byte, a final one.
bool may_pass_short(std::string_view sequence) {
    const char kind = sequence[1];
    const char final = sequence[2];
    const bool character_set = is_in("()*+", kind) && is_in("0AB", final);
    const bool line_size = kind == '#' && is_in("34568", final);
    return sequence.size() == 3 && (character_set || line_size);
}

/// How many bytes the character has that begins with `lead`; 0 when none does.
std::size_t character_length(unsigned char lead) {
    if (lead < 0xC2 || lead > 0xF4) {
        return 0;
    }
    return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
}

} // namespace

std::string TerminalFilter::feed(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (const char byte : bytes) {
        take(byte, out);
    }
    return out;
}

void TerminalFilter::take(char byte, std::string& out) {
    switch (state_) {
    case State::text:
        take_text(byte, out);
        break;
    case State::escape:
    case State::sequence:
        if (byte == cancel || byte == substitute) {
            pending_.clear();
            state_ = State::text;
        } else if (byte == escape) {
            pending_ = byte;
            state_ = State::escape;
        } else if (is_control(byte)) { // a terminal obeys it at once and goes on with the sequence
            out += is_in(passing_controls, byte) ? std::string(1, byte) : "";
        } else if (state_ == State::escape) {
            take_escape(byte, out);
        } else {
            take_sequence(byte, out);
        }
        break;
    case State::control_string:
    case State::palette:
        take_string(byte);
        break;
    }
}

void TerminalFilter::take_text(char byte, std::string& out) {
    const bool continues = (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
    if (!pending_.empty() && !continues) {
        out += stand_in;
        pending_.clear();
    }
    if (static_cast<unsigned char>(byte) >= 0x80) {
        take_character(byte, out);
    } else if (byte == escape) {
        pending_ = byte;
        state_ = State::escape;
    } else if (!is_control(byte) || is_in(passing_controls, byte)) {
        out += byte;
    }
}

void TerminalFilter::take_character(char byte, std::string& out) {
    pending_ += byte;
    const auto length = character_length(static_cast<unsigned char>(pending_.front()));
    if (length == 0) {
        out += stand_in;
        pending_.clear();
    } else if (pending_.size() == length) {
        // U+0080 to U+009F are the C1 controls: CSI and OSC in one character.
        const bool is_c1 = pending_[0] == '\xC2' && static_cast<unsigned char>(pending_[1]) < 0xA0;
        out += is_c1 ? std::string(stand_in) : to_valid_utf8(pending_);
        pending_.clear();
    }
}

void TerminalFilter::take_escape(char byte, std::string& out) {
    if (is_in("]P_^X", byte) && pending_.size() == 1) {
        pending_ = byte;
        string_left_ = longest_string;
        state_ = State::control_string;
        return;
    }
    pending_ += byte;
    if (byte == '[' && pending_.size() == 2) {
        state_ = State::sequence;
        return;
    }
    if (is_intermediate(byte) && pending_.size() < longest_sequence) {
        return;
    }
    const bool passes =
        pending_.size() == 2 ? is_in(passing_escapes, byte) : may_pass_short(pending_);
    out += passes ? pending_ : "";
    pending_.clear();
    state_ = State::text;
}

void TerminalFilter::take_sequence(char byte, std::string& out) {
    pending_ += byte;
    if (is_between(byte, ' ', '?')) {
        if (pending_.size() > longest_sequence) { // wait for its end, but keep no more of it
            pending_.resize(longest_sequence);
        }
        return;
    }
    const bool is_final = is_between(byte, '@', '~');
    out += is_final && pending_.size() <= longest_sequence && may_pass(pending_) ? pending_ : "";
    pending_.clear();
    state_ = State::text;
    if (!is_final) {
        take_text(byte, out);
    }
}

void TerminalFilter::take_string(char byte) {
    const bool first_of_osc = pending_ == "]";
    pending_.clear();
    --string_left_;
    if (byte == escape) { // of the string's end, ESC \, or of something new
        pending_ = byte;
        state_ = State::escape;
    } else if (first_of_osc && byte == 'P') {
        string_left_ = palette_digits;
        state_ = State::palette;
    } else if (string_left_ == 0 || is_in(string_ends, byte) || (first_of_osc && byte == 'R')) {
        state_ = State::text;
    }
}

} // namespace lab
