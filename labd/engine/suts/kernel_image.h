// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lab::engine {

/// What a kernel says it is: `uname -r` and `uname -v`.
struct KernelName {
    std::string release;
    std::string version;
};

/// Bytes at the beginning of an image that kernel_name_in() looks at.
inline constexpr std::size_t kernel_header_size = 65536;

/// The name in the header of a Linux bzImage (x86); nothing for another kind of image. Pure.
/// @see Documentation/arch/x86/boot.rst of Linux, "kernel_version"
[[nodiscard]] std::optional<KernelName> kernel_name_in(std::string_view image);

} // namespace lab::engine
