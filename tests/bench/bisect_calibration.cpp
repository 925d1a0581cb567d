// SPDX-License-Identifier: Apache-2.0
// Simulates bisections and prints how often the answer was right, and at which cost, next to other
// rules. `bisect_calibration --help`; docs/statistics.md shows the tables.
#include "base/json.h"
#include "tests/bench/cells.h"
#include "tests/bench/rivals.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <map>

namespace lab::bench {
namespace {

struct Options {
    std::size_t repetitions = 500;
    std::uint32_t seed = 1;
    std::vector<std::string> only;
    bool json = false;
    bool rivals = false;
    bool reliability = false;
    bool list = false;
    bool whole = false;
    bool artefacts = false;
    bool git = false;
    double confidence = 0; ///< 0 = each cell's own
};

struct Row {
    Cell cell;
    Summary summary;
    std::optional<Summary> git = {};
};

bool is_wanted(const Cell& cell, const std::vector<std::string>& only) {
    const auto name = cell.group + ": " + cell.name;
    return only.empty() || std::any_of(only.begin(), only.end(), [&](const std::string& part) {
               return name.find(part) != std::string::npos;
           });
}

Summary git_summary(const Cell& cell, const Options& options) {
    std::vector<Run> runs;
    for (std::size_t i = 0; i < options.repetitions; ++i) {
        runs.push_back(simulate_git(cell, options.seed + static_cast<std::uint32_t>(i)));
    }
    return summarise(runs);
}

Row run_cell(const Cell& cell, const Options& options) {
    const auto start = std::chrono::steady_clock::now();
    std::vector<Run> runs;
    for (std::size_t i = 0; i < options.repetitions; ++i) {
        const auto seed = options.seed + static_cast<std::uint32_t>(i);
        runs.push_back(options.whole ? simulate_whole(cell, seed) : simulate(cell, seed));
    }
    Row row{cell, summarise(runs)};
    if (options.git) {
        row.git = git_summary(cell, options);
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    row.summary.seconds = taken.count();
    return row;
}

double cost_of(const Row& row) {
    return row.summary.samples + row.cell.build * row.summary.builds;
}

/// What the reference counts: samples of learned metrics without the ends, costs where builds cost.
double compared(const Row& row) {
    const bool baseline_apart = row.cell.step > 0 && row.cell.knows == Cell::Knows::nothing;
    return cost_of(row) - (baseline_apart ? row.summary.end_samples : 0);
}

void print_head() {
    std::printf("%-44s %6s %6s %6s %7s  %7s %6s %5s  %6s %6s  %7s  %6s %6s\n", "cell", "right",
                "wrong", "open", "stated", "samples", "p95", "ends", "builds", "p95", "cost",
                "refer.", "ratio");
}

void print_row(const Row& row) {
    const auto& s = row.summary;
    const auto runs = static_cast<double>(s.runs);
    const auto conclusive = static_cast<double>(s.right + s.wrong);
    std::printf(
        "%-44s %5.1f%% %5.1f%% %5.1f%% %6.2f%%  %7.1f %6.0f %5.1f  %6.1f %6.0f  %7.1f",
        (row.cell.group + ": " + row.cell.name).c_str(), 100 * static_cast<double>(s.right) / runs,
        100 * static_cast<double>(s.wrong) / runs, 100 * (runs - conclusive) / runs, 100 * s.stated,
        s.samples, s.samples_p95, s.end_samples, s.builds, s.builds_p95, cost_of(row));
    if (row.cell.reference > 0) {
        std::printf("  %6.1f %6.2f", row.cell.reference, compared(row) / row.cell.reference);
    }
    if (s.several > 0) {
        std::printf("  several %.1f%%", 100 * static_cast<double>(s.several) / runs);
    }
    if (row.git) {
        const auto& git = *row.git;
        std::printf("  runs %.1f, git %.1f (%.2f), built %.1f, git %.1f", s.runs_each,
                    git.runs_each, s.runs_each / git.runs_each, s.builds, git.builds);
    }
    std::printf("  (%.1f s)\n", s.seconds);
    std::fflush(stdout);
}

void print_rivals(const Cell& cell, std::size_t runs) {
    const auto plain = plain_bisect(cell, runs);
    const auto votes = majority(cell, runs);
    std::printf("%-44s plain %.1f%% %.0f, majority %.1f%% %.0f,", "", 100 * plain.right,
                plain.samples, 100 * votes.right, votes.samples);
    if (const auto rule = one_plus_four(cell, runs)) {
        std::printf(" 1+4 %.1f%% %.0f,", 100 * rule->right, rule->samples);
    }
    std::printf(" bound %.0f\n", theoretical_bound(cell));
}

nlohmann::json to_json(const Row& row) {
    const auto& s = row.summary;
    return {{"group", row.cell.group},
            {"cell", row.cell.name},
            {"commits", row.cell.commits},
            {"confidence", row.cell.confidence},
            {"runs", s.runs},
            {"right", s.right},
            {"wrong", s.wrong},
            {"inconclusive", s.runs - s.right - s.wrong},
            {"several", s.several},
            {"stated", s.stated},
            {"samples", s.samples},
            {"samples_p95", s.samples_p95},
            {"end_samples", s.end_samples},
            {"builds", s.builds},
            {"builds_p95", s.builds_p95},
            {"cost", cost_of(row)},
            {"reference", row.cell.reference},
            {"seconds", s.seconds}};
}

void print_reliability(const std::vector<Row>& rows) {
    std::map<double, Summary> by_confidence;
    for (const auto& row : rows) {
        auto& sum = by_confidence[row.cell.confidence];
        sum.runs += row.summary.runs;
        sum.right += row.summary.right;
        sum.wrong += row.summary.wrong;
        sum.stated += row.summary.stated / static_cast<double>(reliability_cells().size() / 4);
    }
    std::printf("\n%8s %10s %8s %8s %14s\n", "asked", "mean said", "right", "runs",
                "95 % interval");
    for (const auto& [confidence, sum] : by_confidence) {
        const auto answers = static_cast<double>(sum.right + sum.wrong);
        const double share = static_cast<double>(sum.right) / answers;
        const double error = 1.96 * std::sqrt(share * (1 - share) / answers);
        std::printf("%7.1f%% %9.2f%% %7.2f%% %8zu   +- %.2f\n", 100 * confidence, 100 * sum.stated,
                    100 * share, sum.runs, 100 * error);
    }
}

int run(const Options& options) {
    std::vector<Row> rows;
    auto all = nlohmann::json::array();
    if (!options.json && !options.list) {
        print_head();
    }
    for (const auto& cell : options.reliability ? reliability_cells() : all_cells()) {
        if (!is_wanted(cell, options.only)) {
            continue;
        }
        if (options.list) {
            std::printf("%s: %s\n", cell.group.c_str(), cell.name.c_str());
            continue;
        }
        auto chosen = cell;
        chosen.artefacts = options.artefacts;
        chosen.confidence = options.confidence > 0 ? options.confidence : cell.confidence;
        rows.push_back(run_cell(chosen, options));
        if (options.json) {
            all.push_back(to_json(rows.back()));
            continue;
        }
        print_row(rows.back());
        if (options.rivals && cell.culprits == 1) {
            print_rivals(cell, options.repetitions);
        }
    }
    if (options.json) {
        std::cout << all.dump(2) << "\n";
    } else if (options.reliability && !options.list) {
        print_reliability(rows);
    }
    return 0;
}

} // namespace
} // namespace lab::bench

int main(int argc, char** argv) {
    lab::bench::Options options;
    CLI::App app("Simulates bisections: how often is the answer right, and what does it cost?");
    app.add_option("-n,--repetitions", options.repetitions, "runs of each cell")
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--seed", options.seed, "of the first run; the next one adds 1");
    app.add_option("cells", options.only, "parts of cell names, such as 'known' or 'step 1'");
    app.add_flag("--rivals", options.rivals, "print plain bisect, majority, 1 + 4, the bound too");
    app.add_flag("--reliability", options.reliability, "stated confidence against the right share");
    app.add_option("--confidence", options.confidence, "asked, instead of each cell's own")
        ->check(CLI::Range(0.51, 0.9999));
    app.add_flag("--git", options.git, "compare the runs with those of --strategy git");
    app.add_flag("--json", options.json, "print one JSON array");
    app.add_flag("--list", options.list, "only name the cells");
    app.add_flag("--whole", options.whole, "whole bisections, confirmation and all learned");
    app.add_flag("--artefacts", options.artefacts,
                 "of whole bisections: a clean build gives the artefact that was tried");
    CLI11_PARSE(app, argc, argv);
    return lab::bench::run(options);
}
