// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/cells.h"

#include <cstdio>

namespace lab::bench {
namespace {

using Knows = Cell::Knows;

std::string short_number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

Cell rates(const std::string& group, double good_fails, double bad_passes, double reference) {
    Cell cell;
    cell.group = group;
    cell.name = "fails " + short_number(good_fails) + "/" + short_number(1 - bad_passes);
    cell.good_fails = good_fails;
    cell.bad_passes = bad_passes;
    cell.reference = reference;
    return cell;
}

Cell metric(const std::string& group, double step, double reference) {
    Cell cell;
    cell.group = group;
    cell.name = "step " + short_number(step);
    cell.step = step;
    cell.reference = reference;
    return cell;
}

std::vector<Cell> with(std::vector<Cell> cells, const std::string& suffix, auto change) {
    for (auto& cell : cells) {
        change(cell);
        cell.name += suffix;
    }
    return cells;
}

void append(std::vector<Cell>& all, const std::vector<Cell>& more) {
    all.insert(all.end(), more.begin(), more.end());
}

/// The reference figures are means of samples, at 99 %, 1024 commits unless said otherwise.
std::vector<Cell> known_cells() {
    std::vector<Cell> cells{rates("known", 0, 0, 10),         rates("known", 0.01, 0.01, 12.6),
                            rates("known", 0.05, 0.05, 15.9), rates("known", 0.1, 0.1, 22.0),
                            rates("known", 0.2, 0.2, 42.8),   rates("known", 0, 0.1, 14),
                            rates("known", 0, 0.5, 35),       rates("known", 0, 0.7, 64),
                            rates("known", 0, 0.8, 99),       rates("known", 0, 0.9, 208),
                            metric("known", 3, 14),           metric("known", 2, 23),
                            metric("known", 1.35, 44),        metric("known", 1, 74),
                            metric("known", 0.5, 274)};
    cells.push_back(with({rates("known", 0.05, 0.05, 12.0)}, ", N 128",
                         [](Cell& cell) { cell.commits = 128; })[0]);
    cells.push_back(with({rates("known", 0.1, 0.1, 30.0)}, ", N 16384",
                         [](Cell& cell) { cell.commits = 16384; })[0]);
    return with(cells, "", [](Cell& cell) { cell.knows = Knows::all; });
}

/// The reference figures are total costs, a build being 20 samples.
std::vector<Cell> cost_cells() {
    return with({rates("cost", 0.1, 0.1, 239), rates("cost", 0, 0.7, 302),
                 rates("cost", 0, 0.9, 509), metric("cost", 1.35, 264), metric("cost", 1, 305)},
                "", [](Cell& cell) {
                    cell.knows = Knows::all;
                    cell.build = 20;
                });
}

std::vector<Cell> learned_cells() {
    return {rates("learned", 0, 0, 21),      rates("learned", 0.01, 0.01, 0),
            rates("learned", 0.05, 0.05, 0), rates("learned", 0.1, 0.1, 37),
            rates("learned", 0.2, 0.2, 85),  rates("learned", 0, 0.1, 0),
            rates("learned", 0, 0.5, 75),    rates("learned", 0, 0.7, 129),
            rates("learned", 0, 0.8, 0),     rates("learned", 0, 0.9, 0),
            metric("learned", 50, 0),        metric("learned", 3, 14),
            metric("learned", 2, 23),        metric("learned", 1.35, 44),
            metric("learned", 1, 74),        metric("learned", 0.5, 274)};
}

/// A few cells that stand for all, for the variations that follow.
std::vector<Cell> chosen(const std::string& group) {
    return {rates(group, 0, 0, 0), rates(group, 0.1, 0.1, 0), rates(group, 0, 0.7, 0),
            metric(group, 2, 0), metric(group, 1, 0)};
}

/// Ends that differ so plainly that few samples are taken of them, whatever the noise.
std::vector<Cell> plain_cells() {
    std::vector<Cell> cells;
    for (const double step : {10000.0, 200.0, 50.0}) {
        append(cells, {metric("plain", step, 0)});
        append(cells, with({metric("plain", step, 0)}, ", heavy tails",
                           [](Cell& cell) { cell.noise = Cell::Noise::heavy_tails; }));
        append(cells, with({metric("plain", step, 0)}, ", rounded",
                           [](Cell& cell) { cell.noise = Cell::Noise::rounded; }));
        append(cells, with({metric("plain", step, 0)}, ", drifting",
                           [](Cell& cell) { cell.noise = Cell::Noise::drifting; }));
        append(cells, with({metric("plain", step, 0)}, ", 5 % outliers",
                           [](Cell& cell) { cell.outliers = 0.05; }));
        append(cells, with({metric("plain", step, 0)}, ", 5 % mistaken",
                           [](Cell& cell) { cell.mistaken = 0.05; }));
    }
    return with(cells, ", N 64", [](Cell& cell) { cell.commits = 64; });
}

/// Noise that the normal model does not have, and normal noise to compare with.
std::vector<Cell> noise_cells() {
    using Noise = Cell::Noise;
    struct Kind {
        const char* name;
        double step;
        Noise noise;
        double outliers = 0;
    };
    const Kind kinds[] = {{"normal", 2, Noise::normal},
                          {"normal", 1, Noise::normal},
                          {"two modes, 30/70 %", 20, Noise::two_modes},
                          {"two humps", 3, Noise::two_humps},
                          {"skewed", 1.5, Noise::skewed},
                          {"heavy tails", 3, Noise::heavy_tails},
                          {"wider when bad", 3, Noise::wider},
                          {"few values", 1.5, Noise::few_values},
                          {"10 % outliers", 2, Noise::normal, 0.1},
                          {"drifting", 3, Noise::drifting},
                          {"trend", 3, Noise::trend},
                          {"first run", 3, Noise::first_run}};
    std::vector<Cell> cells;
    for (const auto& kind : kinds) {
        auto cell = metric("noise", kind.step, 0);
        cell.name = std::string(kind.name) + ", step " + short_number(kind.step);
        cell.noise = kind.noise;
        cell.outliers = kind.outliers;
        cell.commits = 128;
        cells.push_back(cell);
    }
    return cells;
}

/// Commits that cannot be tested; runs are compared with those of git's search.
std::vector<Cell> broken_cells() {
    using Broken = Cell::Broken;
    const std::pair<const char*, Broken> kinds[] = {{"block of 30 %", Broken::block},
                                                    {"three blocks of 10 %", Broken::three_blocks},
                                                    {"20 % scattered", Broken::scattered},
                                                    {"everything", Broken::all},
                                                    {"nothing", Broken::nothing}};
    std::vector<Cell> cells;
    for (const auto& [name, broken] : kinds) {
        auto cell = rates("broken", 0, 0, 0);
        cell.name = name;
        cell.broken = broken;
        cell.commits = 300;
        cells.push_back(cell);
    }
    return cells;
}

} // namespace

std::vector<Cell> all_cells() {
    std::vector<Cell> all = known_cells();
    append(all, cost_cells());
    append(all, learned_cells());
    append(all, with(chosen("sizes"), ", N 128", [](Cell& cell) { cell.commits = 128; }));
    append(all, with(chosen("sizes"), ", N 16384", [](Cell& cell) { cell.commits = 16384; }));
    append(all,
           with(chosen("merges"), ", 25 % merges", [](Cell& cell) { cell.merge_share = 0.25; }));
    append(all, with(chosen("skips"), ", 10 % skips", [](Cell& cell) { cell.skip_share = 0.1; }));
    append(all, with(chosen("skips"), ", 40 % skips", [](Cell& cell) { cell.skip_share = 0.4; }));
    append(all, with(chosen("skips"), ", 25 % merges, 20 % skips", [](Cell& cell) {
               cell.merge_share = 0.25;
               cell.skip_share = 0.2;
           }));
    append(all, with(chosen("none"), ", no culprit", [](Cell& cell) {
               cell.culprits = 0;
               if (cell.step == 0 && cell.good_fails == 0) {
                   cell.good_fails = 1 - cell.bad_passes; // both ends alike
               }
           }));
    append(all, with(chosen("two"), ", two culprits", [](Cell& cell) { cell.culprits = 2; }));
    append(all,
           with({metric("two", 4, 0)}, ", two culprits", [](Cell& cell) { cell.culprits = 2; }));
    append(all, with({metric("outliers", 2, 0), metric("outliers", 3, 0)}, ", 5 % outliers",
                     [](Cell& cell) { cell.outliers = 0.05; }));
    append(all, plain_cells());
    append(all, noise_cells());
    append(all, broken_cells());
    append(all, with(broken_cells(), ", 25 % merges", [](Cell& cell) { cell.merge_share = 0.25; }));
    append(all, with(chosen("built"), ", build = 20", [](Cell& cell) { cell.build = 20; }));
    return all;
}

std::vector<Cell> reliability_cells() {
    std::vector<Cell> all;
    for (const double confidence : {0.9, 0.95, 0.99, 0.999}) {
        const auto name = short_number(100 * confidence) + " %";
        append(all,
               with({rates(name, 0.05, 0.05, 0), rates(name, 0.1, 0.1, 0), rates(name, 0.2, 0.2, 0),
                     rates(name, 0, 0.5, 0), metric(name, 2, 0), metric(name, 1, 0)},
                    "", [&](Cell& cell) {
                        cell.confidence = confidence;
                        cell.commits = 256;
                    }));
    }
    return all;
}

} // namespace lab::bench
