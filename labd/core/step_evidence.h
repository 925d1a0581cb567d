// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/level_model.h"

#include <span>

namespace lab::core {

/// Log Bayes factor of "the two groups lie as far apart as the levels do" against "both lie at one
/// level", for samples of a metric in badness.
///
/// Both places are unknown up to half a gap beyond the levels, so only the difference counts. A
/// sample is an outlier with the chance of LevelModel. By Ville's inequality the factor exceeds K
/// with a chance of 1 / K at most, however long one waits, when both are at one level.
/// @param levels  bad above good, spread above 0.
/// @return 0 while a group is empty.
/// @note Pure, thread-safe.
[[nodiscard]] double log_evidence_of_step(std::span<const double> good, std::span<const double> bad,
                                          const ExpectedLevels& levels);

} // namespace lab::core
