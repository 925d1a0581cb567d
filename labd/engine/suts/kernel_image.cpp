// SPDX-License-Identifier: Apache-2.0
#include "engine/suts/kernel_image.h"

#include "base/text.h"

namespace lab::engine {
namespace {

constexpr std::size_t magic_at = 0x202;
constexpr std::size_t version_pointer_at = 0x20e;
constexpr std::size_t boot_sector = 0x200;
constexpr std::size_t longest_name = 512;

std::size_t byte_at(std::string_view image, std::size_t at) {
    return static_cast<unsigned char>(image[at]);
}

} // namespace

std::optional<KernelName> kernel_name_in(std::string_view image) {
    if (image.size() < version_pointer_at + 2 || image.substr(magic_at, 4) != "HdrS") {
        return std::nullopt;
    }
    const auto at = boot_sector + byte_at(image, version_pointer_at) +
                    256 * byte_at(image, version_pointer_at + 1);
    if (at == boot_sector || at >= image.size()) {
        return std::nullopt;
    }
    auto text = image.substr(at, longest_name);
    text = text.substr(0, text.find('\0'));
    // "<release> (<who built it>) <version>"
    const auto blank = text.find(' ');
    const auto behind = text.find(") #");
    if (blank == std::string_view::npos || behind == std::string_view::npos) {
        return std::nullopt;
    }
    return KernelName{to_valid_utf8(text.substr(0, blank)),
                      to_valid_utf8(trim(text.substr(behind + 2)))};
}

} // namespace lab::engine
