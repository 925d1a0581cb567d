// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/results/schema.h"
#include "base/diagnostics.h"
#include "ports/result_store.h"

#include <array>

/// Records as rows of the tables, and back. Pure.
namespace lab::adapters {

/// The rows of each table, by TableIndex.
using TableRows = std::array<std::vector<Row>, error_table + 1>;

/// Everything in a batch that no store takes: empty or odd ids, texts that are no UTF-8 or too
/// long, numbers that are not finite.
[[nodiscard]] Diagnostics problems_of(const ports::ResultBatch& batch);

/// @param batch  without problems.
[[nodiscard]] TableRows rows_of(const ports::ResultBatch& batch);

/// Inverse of rows_of. Params and cpus go to their benchmarks and suts.
/// @throws Error infra  for a row that rows_of cannot have made: the store is damaged.
[[nodiscard]] ports::ResultBatch batch_of(const TableRows& rows);

} // namespace lab::adapters
