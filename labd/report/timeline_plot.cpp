// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"
#include "report/plots.h"
#include "report/scale.h"
#include "report/svg.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace lab::report {
namespace {

constexpr double names_end = 56;
constexpr double right_margin = 14;
constexpr double lane_height = 18;
constexpr double gap = 8; ///< between activities
constexpr double foot = 24;

constexpr std::array<Activity, 4> activities{Activity::root, Activity::build, Activity::install,
                                             Activity::test};

/// What goes on at the same time, one below the other.
struct Lane {
    double end = 0;
    std::vector<const ReportSpan*> spans;
};

/// Each span into the first lane that is free.
std::vector<Lane> lanes_of(const Report& report, Activity activity) {
    std::vector<Lane> lanes;
    for (const auto& span : report.spans) {
        if (span.activity != activity) {
            continue;
        }
        auto lane = std::find_if(lanes.begin(), lanes.end(),
                                 [&](const Lane& one) { return one.end <= span.begin; });
        if (lane == lanes.end()) {
            lane = lanes.insert(lanes.end(), Lane());
        }
        lane->end = span.end;
        lane->spans.push_back(&span);
    }
    return lanes;
}

std::string duration_text(double seconds) {
    return format_duration(std::chrono::milliseconds(std::llround(seconds * 1000)));
}

/// "90 s" as "1:30": short, because they stand beside each other.
std::string clock_text(double seconds) {
    const auto whole = std::llround(seconds);
    const auto two = [](long long number) {
        return (number < 10 ? "0" : "") + std::to_string(number);
    };
    return whole < 3600 ? std::to_string(whole / 60) + ":" + two(whole % 60)
                        : std::to_string(whole / 3600) + ":" + two(whole / 60 % 60) + " h";
}

void draw_lane(Svg& svg, const Lane& lane, const Scale& across, double y) {
    for (const auto* span : lane.spans) {
        const double x = across(span->begin);
        const double width = across(span->end) - x - 1;
        svg.box({{x, y + 2}, width, lane_height - 4},
                std::string("span ") + to_string(span->activity) +
                    (span->finished ? "" : " unfinished"),
                span->what + "\n" + duration_text(span->end - span->begin) +
                    (span->finished ? "" : ", not finished"));
        if (width > 62 && !span->commit.empty()) {
            svg.text({x + 4, y + 13}, Anchor::start, "within", span->commit.substr(0, 8));
        }
    }
}

} // namespace

std::string timeline_plot(const Report& report, PlotWidth width) {
    if (report.spans.empty()) {
        return {};
    }
    const double whole = width == PlotWidth::wide ? 760 : 340;
    double latest = 1;
    for (const auto& span : report.spans) {
        latest = std::max(latest, span.end);
    }
    std::array<std::vector<Lane>, activities.size()> groups;
    double bottom = 4;
    for (std::size_t i = 0; i < activities.size(); ++i) {
        groups.at(i) = lanes_of(report, activities.at(i));
        const auto count = static_cast<double>(groups.at(i).size());
        bottom += groups.at(i).empty() ? 0 : count * lane_height + gap;
    }
    const Scale across({0, latest}, {names_end, whole - right_margin});
    Svg svg(whole, bottom + foot, "Builds and tests over time");
    for (const double mark : time_ticks(across.values(), width == PlotWidth::wide ? 10 : 5)) {
        svg.line({across(mark), 0}, {across(mark), bottom}, "grid");
        svg.text({across(mark), bottom + 16}, Anchor::middle, "mark", clock_text(mark));
    }
    double y = 4;
    for (std::size_t i = 0; i < activities.size(); ++i) {
        if (groups.at(i).empty()) {
            continue;
        }
        svg.text({names_end - 8, y + 13}, Anchor::end, "mark", to_string(activities.at(i)));
        for (const auto& lane : groups.at(i)) {
            draw_lane(svg, lane, across, y);
            y += lane_height;
        }
        y += gap;
    }
    svg.line({names_end, bottom}, {whole - right_margin, bottom}, "axis");
    return svg.finish();
}

} // namespace lab::report
