// SPDX-License-Identifier: Apache-2.0
#include "base/values.h"
#include "report/plots.h"
#include "report/scale.h"
#include "report/svg.h"

#include <algorithm>
#include <cmath>

namespace lab::report {
namespace {

constexpr double left = 46;
constexpr double right = 14;
constexpr double top = 14;
constexpr double height = 150;
constexpr double bottom = top + height;

double width_of(PlotWidth width) {
    return width == PlotWidth::wide ? 760 : 340;
}

/// Horizontal lines with their numbers.
void rungs(Svg& svg, const Scale& scale, const std::vector<double>& marks, double end) {
    for (const double mark : marks) {
        const double y = scale(mark);
        svg.line({left, y}, {end, y}, "grid");
        svg.text({left - 6, y + 4}, Anchor::end, "mark", value_text(mark));
    }
}

/// Marks of the commits that were tried, below the axis.
void tried_marks(Svg& svg, const Report& report, const Scale& across) {
    for (const auto& probe : report.probes) {
        if (probe.place) {
            svg.box({{across(static_cast<double>(*probe.place)) - 2, bottom + 4}, 4, 12},
                    std::string("dot ") + style_of(probe.verdict),
                    probe.commit.substr(0, 12) + " " + probe.subject);
        }
    }
}

/// The commit that it probably is, beside its bar.
void name_likeliest(Svg& svg, const Report& report, const Scale& across) {
    const auto& first = report.suspects.front();
    if (!first.place || first.probability < 0.5) {
        return;
    }
    const double x = across(static_cast<double>(*first.place));
    const bool left_half = 2 * *first.place < report.range_size;
    svg.text({x + (left_half ? 12 : -12), top + 12}, left_half ? Anchor::start : Anchor::end,
             "hash", first.commit.substr(0, 12));
}

} // namespace

std::string chances_plot(const Report& report, PlotWidth width) {
    const bool placed = std::any_of(report.suspects.begin(), report.suspects.end(),
                                    [](const auto& suspect) { return suspect.place.has_value(); });
    if (!placed || report.range_size == 0) {
        return {};
    }
    const double end = width_of(width) - right;
    const auto commits = static_cast<double>(report.range_size);
    const Scale across({0, commits}, {left + 8, end - 4});
    const Scale up({0, 1}, {bottom, top});
    Svg svg(width_of(width), bottom + 52,
            "Chance of every commit of being the first " + report.term_bad + " one");
    rungs(svg, up, {0, 0.5, 1}, end);
    const double thick = std::clamp((end - left) / commits * 0.7, 3.0, 14.0);
    for (const auto& suspect : report.suspects) {
        if (suspect.place && suspect.probability > 0) {
            const double y = up(suspect.probability);
            svg.box(
                {{across(static_cast<double>(*suspect.place)) - thick / 2, y}, thick, bottom - y},
                "chance",
                suspect.commit.substr(0, 12) + " " + suspect.subject + "\n" +
                    value_text(suspect.probability * 100) + " %");
        }
    }
    svg.line({left, bottom}, {end, bottom}, "axis");
    name_likeliest(svg, report, across);
    tried_marks(svg, report, across);
    svg.text({left, bottom + 32}, Anchor::start, "mark", report.term_good + " end");
    svg.text({end, bottom + 32}, Anchor::end, "mark", report.term_bad + " end");
    svg.text({(left + end) / 2, bottom + 48}, Anchor::middle, "mark",
             std::to_string(report.range_size) + " commits, oldest first; marks: tried");
    return svg.finish();
}

std::string narrowing_plot(const Report& report, PlotWidth width) {
    if (report.commits_left.size() < 2) {
        return {};
    }
    const double end = width_of(width) - right;
    const double most =
        std::max(2.0, *std::max_element(report.commits_left.begin(), report.commits_left.end()));
    const auto samples = static_cast<double>(report.commits_left.size());
    const Scale across({1, samples}, {left + 8, end - 4});
    const Scale up({1, most}, {bottom, top}, Spacing::logarithmic);
    Svg svg(width_of(width), bottom + 40, "Commits left after each sample");
    rungs(svg, up, power_ticks(up.values(), most <= 64 ? 2 : most <= 4096 ? 4 : 10), end);
    for (const double mark : ticks(across.values(), width == PlotWidth::wide ? 12 : 6)) {
        if (mark == std::floor(mark)) {
            svg.text({across(mark), bottom + 16}, Anchor::middle, "mark", tick_text(mark, 1));
        }
    }
    std::vector<Point> points;
    for (std::size_t i = 0; i < report.commits_left.size(); ++i) {
        const double x = across(static_cast<double>(i + 1));
        if (!points.empty()) {
            points.push_back({x, points.back().y});
        }
        points.push_back({x, up(report.commits_left[i])});
    }
    svg.line({left, bottom}, {end, bottom}, "axis");
    svg.path(points, "curve");
    svg.text({(left + end) / 2, bottom + 34}, Anchor::middle, "mark", "samples taken");
    return svg.finish();
}

} // namespace lab::report
