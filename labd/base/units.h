// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lab {

/// A size in bytes; never a bare number.
struct Bytes {
    std::uint64_t count = 0;

    friend auto operator<=>(const Bytes&, const Bytes&) = default;
    friend Bytes operator+(Bytes a, Bytes b) { return {a.count + b.count}; }
};

[[nodiscard]] constexpr Bytes mebibytes(std::uint64_t count) {
    return {count << 20U};
}
[[nodiscard]] constexpr Bytes gibibytes(std::uint64_t count) {
    return {count << 30U};
}

/// Parses "512MiB", "4GiB", "2TiB", "64KiB" or "1024B" (binary units, whole numbers).
/// Returns nothing for any other text and on overflow.
[[nodiscard]] std::optional<Bytes> parse_bytes(std::string_view text);

/// Parses "90s", "10m", "1h", "250ms" or "2d" (one whole number and one unit).
/// Returns nothing for any other text and above 365 days.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Human form with one decimal, for example "1.5 GiB" or "512 B".
[[nodiscard]] std::string format_bytes(Bytes size);

/// Human form, for example "0.4 s", "12 s", "3 min 05 s" or "2 h 10 min".
[[nodiscard]] std::string format_duration(std::chrono::milliseconds duration);

} // namespace lab
