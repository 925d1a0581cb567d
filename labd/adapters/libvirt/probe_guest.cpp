// SPDX-License-Identifier: Apache-2.0
#include "adapters/libvirt/probe_guest.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace lab::adapters {
namespace {

/// SeaBIOS reads no boot sector from a disk of less than one cylinder.
constexpr std::size_t disk_size = std::size_t{1} << 20U;

// Hand-assembled; loaded and entered at 0000:7c00 in 16-bit mode.
// clang-format off
constexpr std::array<std::uint8_t, 182> code{
    0xfa,                                      // 00 cli
    0x31, 0xc0,                                // 01 xor ax, ax
    0x8e, 0xd8,                                // 03 mov ds, ax
    0x8e, 0xc0,                                // 05 mov es, ax
    0x8e, 0xd0,                                // 07 mov ss, ax
    0xbc, 0x00, 0x7c,                          // 09 mov sp, 7c00
    0xfc,                                      // 0c cld
    // Page tables at 1000, 2000, 3000: the first 2 MiB, identity mapped by one large page.
    0xbf, 0x00, 0x10,                          // 0d mov di, 1000
    0xb9, 0x00, 0x18,                          // 10 mov cx, 1800
    0xf3, 0xab,                                // 13 rep stosw
    0xc7, 0x06, 0x00, 0x10, 0x03, 0x20,        // 15 mov word [1000], 2003
    0xc7, 0x06, 0x00, 0x20, 0x03, 0x30,        // 1b mov word [2000], 3003
    0xc6, 0x06, 0x00, 0x30, 0x83,              // 21 mov byte [3000], 83
    0x0f, 0x01, 0x16, 0xb0, 0x7c,              // 26 lgdt [7cb0]
    0x0f, 0x20, 0xe0,                          // 2b mov eax, cr4
    0x0c, 0x20,                                // 2e or al, 20          PAE
    0x0f, 0x22, 0xe0,                          // 30 mov cr4, eax
    0x66, 0xb8, 0x00, 0x10, 0x00, 0x00,        // 33 mov eax, 1000
    0x0f, 0x22, 0xd8,                          // 39 mov cr3, eax
    0x66, 0xb9, 0x80, 0x00, 0x00, 0xc0,        // 3c mov ecx, c0000080  EFER
    0x0f, 0x32,                                // 42 rdmsr
    0x80, 0xcc, 0x01,                          // 44 or ah, 1           long mode enable
    0x0f, 0x30,                                // 47 wrmsr
    0x0f, 0x20, 0xc0,                          // 49 mov eax, cr0
    0x66, 0x0d, 0x01, 0x00, 0x00, 0x80,        // 4c or eax, 80000001   paging, protection
    0x0f, 0x22, 0xc0,                          // 52 mov cr0, eax
    0xea, 0x5a, 0x7c, 0x08, 0x00,              // 55 jmp 0008:7c5a      64-bit code from here
    0x49, 0xb8, 0, 0, 0, 0, 1, 0, 0, 0,        // 5a mov r8, 1 << 32
    0xb9, 0x00, 0xe1, 0xf5, 0x05,              // 64 mov ecx, 100000000
    0x49, 0xff, 0xc0,                          // 69 inc r8
    0xff, 0xc9,                                // 6c dec ecx
    0x75, 0xf9,                                // 6e jnz 69
    0x49, 0xc1, 0xe8, 0x20,                    // 70 shr r8, 32
    0x44, 0x89, 0xc0,                          // 74 mov eax, r8d
    0x04, 0x30,                                // 77 add al, '0'
    0x48, 0x8d, 0x35, 0x13, 0x00, 0x00, 0x00,  // 79 lea rsi, [rip + 13]   the mark, at 93
    0x88, 0x46, 0x0a,                          // 80 mov [rsi + 10], al    its '?'
    0xac,                                      // 83 lodsb
    0x84, 0xc0,                                // 84 test al, al
    0x74, 0x04,                                // 86 jz 8c
    0xe6, 0xe9,                                // 88 out e9, al
    0xeb, 0xf7,                                // 8a jmp 83
    0xb0, 0x2a,                                // 8c mov al, 2a
    0xe6, 0xf4,                                // 8e out f4, al         ends QEMU
    0xf4,                                      // 90 hlt
    0xeb, 0xfd,                                // 91 jmp 90
    'L', 'A', 'B', '-', '6', '4', 'B', 'I', 'T', ' ', '?', '\n', 0,  // 93 the mark
    0, 0, 0, 0, 0, 0, 0, 0,                    // a0 descriptor 0
    0, 0, 0, 0, 0x00, 0x9a, 0x20, 0x00,        // a8 descriptor 8: 64-bit code
    0x0f, 0x00, 0xa0, 0x7c, 0x00, 0x00,        // b0 descriptor table: limit 15, base 7ca0
};
// clang-format on

} // namespace

std::string probe_disk() {
    std::string disk(disk_size, '\0');
    std::copy(code.begin(), code.end(), disk.begin());
    disk[510] = '\x55';
    disk[511] = '\xaa';
    return disk;
}

} // namespace lab::adapters
