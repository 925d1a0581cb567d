// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "ports/result_store.h"

#include <set>
#include <string>
#include <string_view>

namespace lab::cli {

/// Records read from a file of foreign numbers.
struct ImportedResults {
    ports::ResultBatch batch;
    std::set<std::string> described; ///< profiles of which more than the name is said
};

/// Reads samples, one JSON object a line (docs/formats.md). Empty lines are skipped; every problem
/// of every line is a diagnostic "<name>:<line>", 100 at most. Pure.
///
/// A session that is no UUID gets one made of its name, its SUT and its profile, so that importing
/// a file again gives the same records.
[[nodiscard]] Parsed<ImportedResults> parse_results(std::string_view text, const std::string& name);

} // namespace lab::cli
