// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace lab::cli {

/// Script that completes verbs and options in a shell, made from the tree of the parser. Pure.
/// @param shell  "bash", "zsh" or "fish".
[[nodiscard]] std::string completion_script(const CLI::App& app, const std::string& shell);

} // namespace lab::cli
