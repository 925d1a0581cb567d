// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace lab::plan {

/// The parts of a lab.yaml that run programs on this host, reveal secrets to somebody, or name
/// places of this host whose content does: every top-level key but those known to be harmless
/// (`sources`, `budget`), and every key of a machine but those known to be (so that one which lets
/// a guest out counts). A new key is not taken for harmless.
///
/// In one form, whatever the text's comments, spaces and quotes: for people to read, and for a
/// digest. A text that is no YAML is one such part as a whole. Pure.
[[nodiscard]] std::string parts_that_run_or_reveal(const std::string& text);

} // namespace lab::plan
