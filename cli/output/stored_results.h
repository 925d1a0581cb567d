// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/output/document.h"
#include "core/comparison.h"
#include "ports/result_store.h"

#include <string>
#include <vector>

/// Documents of what is in a result store. Pure.
namespace lab::cli {

[[nodiscard]] Document suts_document(const std::vector<ports::SutRecord>& suts);
[[nodiscard]] Document swprofiles_document(const std::vector<ports::SwprofileRecord>& profiles);
[[nodiscard]] Document benchmarks_document(const std::vector<ports::BenchmarkRecord>& benchmarks);
[[nodiscard]] Document
resultclasses_document(const std::vector<ports::ResultclassRecord>& resultclasses);

/// One metric of one SUT with the samples of each profile.
struct MetricRow {
    std::string sut;
    std::string benchmark; ///< its title, or its id where two have the same title
    ports::ResultclassRecord metric;
    std::vector<std::vector<double>> samples; ///< by profile

    /// "score (runs/min)".
    [[nodiscard]] std::string metric_title() const;
};

/// The samples of some profiles.
struct ProfileSamples {
    std::vector<std::string> profiles; ///< the first one is the base
    std::vector<MetricRow> rows;       ///< by SUT, benchmark and resultclass
    std::vector<ports::ErrorRecord> errors;
};

/// @param batch  what a store holds of the profiles.
[[nodiscard]] ProfileSamples group_samples(const ports::ResultBatch& batch,
                                           const std::vector<std::string>& profiles);

/// How the statistics of one profile are shown.
enum class Numbers { absolute, relative };

/// Statistics of one profile, or a comparison of several with the first one.
[[nodiscard]] Document samples_document(const ProfileSamples& samples, Numbers numbers);

} // namespace lab::cli
