// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/model.h"
#include "plan/yaml_fields.h"

namespace lab::plan {

/// Reads the keys that say how often a benchmark is run, and how long it may take.
[[nodiscard]] RunCounts read_counts(YamlMap& map);

/// Reads the keys of a benchmark, in a file of its own or within a plan, without those of
/// read_counts(), which it returns.
RunCounts read_benchmark(YamlMap& map, Benchmark& benchmark);

} // namespace lab::plan
