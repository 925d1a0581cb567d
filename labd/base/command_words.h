// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/expected.h"

#include <string>
#include <string_view>
#include <vector>

namespace lab {

/// Takes a line apart into the words of a command, without a shell: blanks separate words; 'single'
/// and "double" quotes hold them together; a backslash makes the next character an ordinary one
/// (between double quotes only before " and \, between single quotes never). Nothing is expanded.
/// @return the words, or what is wrong: a quote that does not end, a backslash at the end, no word.
[[nodiscard]] Expected<std::vector<std::string>, std::string> command_words(std::string_view text);

} // namespace lab
