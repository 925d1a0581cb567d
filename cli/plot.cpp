// SPDX-License-Identifier: Apache-2.0
#include "cli/plot.h"

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace lab::cli {
namespace {

constexpr std::size_t most_panels = 100;

/// A label in single quotes. In these only a quote has a meaning, but nothing else that could have
/// one elsewhere gets through either.
std::string label(const std::string& text) {
    auto safe = cap(escape_for_terminal(text), 100);
    std::replace_if(
        safe.begin(), safe.end(),
        [](char c) {
            return c == '\'' || c == '"' || c == '`' || c == '\\' || c == '$' || c == '\n' ||
                   c == '\t';
        },
        '_');
    return "'" + safe + "'";
}

std::string number(double value) {
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%.17g", value);
    return text.data();
}

/// Samples side by side around their profile's place on the axis.
std::string points(const MetricRow& row) {
    std::string lines;
    for (std::size_t k = 0; k < row.samples.size(); ++k) {
        const auto& samples = row.samples[k];
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const double aside =
                (static_cast<double>(i) + 0.5) / static_cast<double>(samples.size()) - 0.5;
            lines += number(static_cast<double>(k) + 0.4 * aside) + " " + number(samples[i]) + "\n";
        }
    }
    return lines;
}

std::string intervals(const MetricRow& row) {
    std::string lines;
    for (std::size_t k = 0; k < row.samples.size(); ++k) {
        if (row.samples[k].empty()) {
            continue;
        }
        const auto summary = core::summarize(row.samples[k]);
        const double half = summary.interval ? summary.interval->half_width : 0;
        lines += std::to_string(k) + " " + number(summary.mean) + " " + number(half) + "\n";
    }
    return lines;
}

} // namespace

std::string plot_commands(const ProfileSamples& samples, const std::string& output) {
    const auto panels = std::min(samples.rows.size(), most_panels);
    std::string text =
        "set terminal svg noenhanced size 900," +
        std::to_string(320 * std::max<std::size_t>(panels, 1)) +
        " background rgb 'white'\nset output '" + output +
        "'\nset encoding utf8\nset grid ytics\nset key off\nset offsets 0.5,0.5,0,0\n";
    std::string tics;
    for (std::size_t k = 0; k < samples.profiles.size(); ++k) {
        tics += (k == 0 ? "" : ", ") + label(samples.profiles[k]) + " " + std::to_string(k);
    }
    text += "set xtics (" + tics +
            ")\nset xrange [-0.5:" + std::to_string(samples.profiles.size()) + " - 0.5]\n";
    for (std::size_t i = 0; i < panels; ++i) {
        const auto name = std::to_string(i);
        text += "$points" + name + " << LAB_END\n" + points(samples.rows[i]) + "LAB_END\n";
        text += "$means" + name + " << LAB_END\n" + intervals(samples.rows[i]) + "LAB_END\n";
    }
    text += "set multiplot layout " + std::to_string(std::max<std::size_t>(panels, 1)) + ",1\n";
    for (std::size_t i = 0; i < panels; ++i) {
        const auto& row = samples.rows[i];
        const auto name = std::to_string(i);
        text += "set title " + label(row.benchmark + ", " + row.sut) + "\nset ylabel " +
                label(row.metric_title()) + "\nplot $points" + name +
                " using 1:2 with points pointtype 7 pointsize 0.5 linecolor rgb '#4878a8', $means" +
                name +
                " using 1:2:3 with yerrorbars pointtype 2 pointsize 1 linewidth 2"
                " linecolor rgb '#c04030'\n";
    }
    return text + "unset multiplot\n";
}

void plot(const ProfileSamples& samples, const std::filesystem::path& file) {
    if (samples.rows.empty()) {
        throw Error(ErrorCode::not_found, "--plot: there are no samples to draw");
    }
    const auto program = find_program("gnuplot");
    if (!program) {
        throw Error(ErrorCode::infra, "gnuplot: is not installed (wanted for --plot)",
                    "install it: apt install gnuplot-nox");
    }
    // The path may come from TMPDIR, so gnuplot only gets to know names in its own directory.
    const TemporaryDirectory directory(std::filesystem::temp_directory_path(), "lab-plot-");
    write_file(directory.path() / "commands", plot_commands(samples, "picture.svg"));
    ProcessSpec spec;
    spec.argv = {program->string(), "-d", "commands"};
    spec.directory = directory.path();
    spec.environment = {{"GNUTERM", "svg"}};
    spec.timeout = std::chrono::minutes(1);
    run_process_checked(spec);
    write_file(file, read_file(directory.path() / "picture.svg", mebibytes(256)));
}

} // namespace lab::cli
