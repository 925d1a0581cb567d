// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace lab::core {

/// Bytes of one console line that are looked at; the rest of a longer line is dropped.
inline constexpr std::size_t console_line_limit = 4096;

/// Longest signature, in bytes.
inline constexpr std::size_t signature_limit = 160;

/// Longest and most crash patterns of a template.
inline constexpr std::size_t crash_pattern_limit = 512;
inline constexpr std::size_t most_crash_patterns = 64;

/// Everything wrong with a template's crash patterns: not RE2 syntax, too long, too many, or one
/// that matches an empty line and so would call every boot a crash. Empty when all are fine.
/// @param where  what the list is called, for example "boot.crash".
[[nodiscard]] Diagnostics check_crash_patterns(const std::vector<std::string>& patterns,
                                               const std::string& where);

/// A crash line without what differs from boot to boot: kernel time stamps and caller tags are
/// removed, hexadecimal and decimal numbers become '#', blanks are folded, control bytes escaped;
/// at most 160 bytes.
[[nodiscard]] std::string crash_signature(std::string_view line);

/// A line of the console that matched a crash pattern.
struct Crash {
    std::string signature;
    std::string line; ///< escaped, cut at 4 KiB
};

/// Reads a machine's console as it grows and says when the machine is ready or has crashed.
///
/// The bytes are hostile: any chunking, any length, any content; memory is bounded and time is
/// linear. Pure, not thread-safe. Only the first crash is kept: the ones behind it are mostly its
/// echoes.
class ConsoleWatch {
public:
    enum class State { waiting, ready, crashed };

    /// @param ready_mark      the text, nonce filled in, that a line must equal once carriage
    /// returns
    ///                        and blanks at both ends are gone; empty = there is none to wait for.
    /// @param crash_patterns  RE2 patterns, searched for anywhere in a line.
    /// @return the problems that check_crash_patterns reports.
    [[nodiscard]] static Parsed<ConsoleWatch>
    create(std::string ready_mark, const std::vector<std::string>& crash_patterns);

    /// Takes the next bytes. A line counts once its line feed has come.
    void feed(std::string_view bytes);

    /// crashed as soon as there was a crash, before or after the ready mark.
    [[nodiscard]] State state() const noexcept;

    /// Whether the mark was seen, whatever came behind it.
    [[nodiscard]] bool was_ready() const noexcept { return ready_; }

    [[nodiscard]] const std::optional<Crash>& crash() const noexcept { return crash_; }

private:
    using Patterns = std::vector<std::shared_ptr<const re2::RE2>>;

    ConsoleWatch(std::string ready_mark, Patterns patterns);

    void take_line();

    std::string ready_mark_;
    Patterns patterns_;
    std::string line_;
    bool ready_ = false;
    std::optional<Crash> crash_;
};

} // namespace lab::core
