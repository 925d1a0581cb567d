// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

namespace lab {

std::string base64(std::string_view bytes) {
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        unsigned group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const auto byte =
                at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U;
            group = group << 8U | byte;
        }
        const auto known = bytes.size() - at;
        out += digits[group >> 18U & 63U];
        out += digits[group >> 12U & 63U];
        out += known > 1 ? digits[group >> 6U & 63U] : '=';
        out += known > 2 ? digits[group & 63U] : '=';
    }
    return out;
}

} // namespace lab
