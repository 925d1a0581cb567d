// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/output/stored_results.h"

#include <filesystem>
#include <string>

namespace lab::cli {

/// The commands by which gnuplot draws samples as points, with mean and 95 % interval per profile:
/// one picture a metric, one below the other. Foreign texts are stripped of what gnuplot could
/// understand. Pure.
/// @param output  where gnuplot writes the SVG; without quotes and backslashes.
[[nodiscard]] std::string plot_commands(const ProfileSamples& samples, const std::string& output);

/// Draws into an SVG file, which appears whole or not at all.
/// @throws Error infra  when there is no gnuplot or it fails.
void plot(const ProfileSamples& samples, const std::filesystem::path& file);

} // namespace lab::cli
