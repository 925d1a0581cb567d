// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/observation.h"

#include <string>

namespace lab::engine {

/// An observation and what it took, for the table that people read.
struct CostedObservation {
    core::Observation observation;
    double build_seconds = 0.0;
    double test_seconds = 0.0;
    bool built_too = false;       ///< the test's time holds a build of unknown length,
    core::CommitId replaced = {}; ///< for which the build of this commit went, if not empty
    std::vector<std::string> files_read = {}; ///< by the build of an end; not stored
};

/// The form in which observations are stored.
[[nodiscard]] std::string to_json(const CostedObservation& costed);

/// Inverse of to_json.
/// @throws Error infra  when the text is damaged.
[[nodiscard]] CostedObservation observation_from(const std::string& text);

} // namespace lab::engine
