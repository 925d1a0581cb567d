// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace lab::cli {

/// Accepts decimal digits of a number in a range and nothing else: CLI11 by itself takes "010" for
/// 8 and "0x10" for 16.
[[nodiscard]] CLI::Validator whole_number(unsigned smallest, unsigned largest);

} // namespace lab::cli
