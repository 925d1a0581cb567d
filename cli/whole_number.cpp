// SPDX-License-Identifier: Apache-2.0
#include "cli/whole_number.h"

#include "base/text.h"

#include <charconv>

namespace lab::cli {

CLI::Validator whole_number(unsigned smallest, unsigned largest) {
    return CLI::Validator(
        [smallest, largest](std::string& text) -> std::string {
            unsigned number = 0;
            const auto* const end = text.data() + text.size();
            const auto parsed = std::from_chars(text.data(), end, number);
            const bool leading_zero = text.size() > 1 && text.front() == '0';
            if (parsed.ec == std::errc() && parsed.ptr == end && !leading_zero &&
                number >= smallest && number <= largest) {
                return {};
            }
            return "'" + cap(escape_for_terminal(text), 64) +
                   "' is not allowed (a whole number from " + std::to_string(smallest) + " to " +
                   std::to_string(largest) + ")";
        },
        "");
}

} // namespace lab::cli
