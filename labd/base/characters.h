// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lab {

/// Whether a byte is a control character of ASCII: below a space, or DEL.
[[nodiscard]] constexpr bool is_control(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7F';
}

} // namespace lab
