// SPDX-License-Identifier: Apache-2.0
#include "base/ids.h"

#include "base/error.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <sys/random.h>

namespace lab {
namespace {

template <std::size_t Size>
std::array<std::uint8_t, Size> random_bytes() {
    std::array<std::uint8_t, Size> bytes{};
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        throw errno_error("read", "random bytes");
    }
    return bytes;
}

constexpr std::string_view hex_digits = "0123456789abcdef";

} // namespace

std::string new_ulid() {
    static constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    std::string id(26, '0');
    auto time = static_cast<std::uint64_t>(now);
    for (std::size_t i = 10; i-- > 0; time >>= 5U) {
        id[i] = alphabet[time & 31U];
    }
    const auto bytes = random_bytes<16>();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        id[10 + i] = alphabet[bytes.at(i) & 31U];
    }
    return id;
}

std::string new_uuid() {
    auto bytes = random_bytes<16>();
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x40U);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            text += '-';
        }
        text += hex_digits[bytes.at(i) >> 4U];
        text += hex_digits[bytes.at(i) & 15U];
    }
    return text;
}

std::string random_hex(std::size_t length) {
    std::string text;
    while (text.size() < length) {
        for (const auto byte : random_bytes<16>()) {
            text += hex_digits[byte & 15U];
        }
    }
    text.resize(length);
    return text;
}

bool is_valid_name(std::string_view name) {
    const auto is_alnum = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    return !name.empty() && name.size() <= 63 && is_alnum(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-'; });
}

} // namespace lab
