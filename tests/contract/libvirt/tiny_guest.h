// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace lab::test {

/// What the tiny guest prints on its serial console when it is up.
inline constexpr std::string_view tiny_mark = "LAB-TINY\n";

/// This byte on its console makes the tiny guest reset the machine; all others it sends back.
inline constexpr char tiny_reset = 'q';

/// Writes the raw disk of a guest that is up in well under a second: a boot sector, 16-bit code.
inline void write_tiny_disk(const std::filesystem::path& file) {
    // clang-format off
    constexpr std::array<std::uint8_t, 60> code{
        0xfa,              // 00 cli
        0x31, 0xc0,        // 01 xor ax, ax
        0x8e, 0xd8,        // 03 mov ds, ax
        0xbe, 0x3c, 0x7c,  // 05 mov si, 7c3c     the mark
        0xfc,              // 08 cld
        0xac,              // 09 lodsb
        0x84, 0xc0,        // 0a test al, al
        0x74, 0x05,        // 0c jz 13
        0xe8, 0x16, 0x00,  // 0e call 27
        0xeb, 0xf6,        // 11 jmp 09
        0xba, 0xfd, 0x03,  // 13 mov dx, 3fd      wait for a byte
        0xec,              // 16 in al, dx
        0xa8, 0x01,        // 17 test al, 1
        0x74, 0xf8,        // 19 jz 13
        0xb2, 0xf8,        // 1b mov dl, f8
        0xec,              // 1d in al, dx
        0x3c, 0x71,        // 1e cmp al, 'q'
        0x74, 0x15,        // 20 je 37
        0xe8, 0x02, 0x00,  // 22 call 27
        0xeb, 0xec,        // 25 jmp 13
        0x88, 0xc4,        // 27 mov ah, al       send al
        0xba, 0xfd, 0x03,  // 29 mov dx, 3fd
        0xec,              // 2c in al, dx
        0xa8, 0x20,        // 2d test al, 20
        0x74, 0xfb,        // 2f jz 2c
        0x88, 0xe0,        // 31 mov al, ah
        0xb2, 0xf8,        // 33 mov dl, f8
        0xee,              // 35 out dx, al
        0xc3,              // 36 ret
        0xb0, 0xfe,        // 37 mov al, fe       reset by the keyboard controller
        0xe6, 0x64,        // 39 out 64, al
        0xf4,              // 3b hlt
    };
    // clang-format on
    std::string disk(std::size_t{1} << 20U, '\0');
    std::copy(code.begin(), code.end(), disk.begin());
    std::copy(tiny_mark.begin(), tiny_mark.end(), disk.begin() + code.size());
    disk[510] = '\x55';
    disk[511] = '\xaa';
    std::ofstream(file, std::ios::binary) << disk;
}

} // namespace lab::test
