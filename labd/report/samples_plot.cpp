// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "base/values.h"
#include "core/statistics.h"
#include "report/plots.h"
#include "report/scale.h"
#include "report/svg.h"

#include <algorithm>

namespace lab::report {
namespace {

using core::Verdict;

/// Where things are; only the columns depend on the width.
struct Layout {
    double width;
    double left; ///< where the labels end
    std::size_t digits;
    std::size_t most_ticks;

    static constexpr double right = 14;
    static constexpr double top = 38;
    static constexpr double row = 24;
    static constexpr double foot = 42;

    [[nodiscard]] Extent columns() const { return {left + 8, width - right}; }
};

Layout layout_of(PlotWidth width) {
    return width == PlotWidth::wide ? Layout{760, 220, 12, 8} : Layout{340, 84, 8, 4};
}

/// Places where known; else as tried.
std::vector<const ReportProbe*> in_order(const Report& report) {
    std::vector<const ReportProbe*> probes;
    bool known = true;
    for (const auto& probe : report.probes) {
        probes.push_back(&probe);
        known = known && probe.place.has_value();
    }
    if (known) {
        std::stable_sort(probes.begin(), probes.end(),
                         [](const auto* a, const auto* b) { return *a->place < *b->place; });
    }
    return probes;
}

/// Samples of a metric are shown when there are any, else rates of failure.
bool shows_values(const Report& report) {
    return std::any_of(report.probes.begin(), report.probes.end(),
                       [](const auto& probe) { return !probe.values.empty(); });
}

Extent domain_of(const Report& report) {
    std::vector<double> all;
    for (const auto& probe : report.probes) {
        all.insert(all.end(), probe.values.begin(), probe.values.end());
    }
    return all.empty() ? Extent{0, 1} : extent_of(all, 0.06);
}

std::string tip_of(const ReportProbe& probe, const std::string& what) {
    return probe.commit.substr(0, 12) + " " + probe.subject + "\n" + what;
}

class SamplesPlot {
public:
    SamplesPlot(const Report& report, PlotWidth width)
        : report_(report), layout_(layout_of(width)), probes_(in_order(report)),
          scale_(domain_of(report), layout_.columns()),
          bottom_(Layout::top + Layout::row * static_cast<double>(probes_.size())),
          svg_(layout_.width, bottom_ + Layout::foot, "Samples of every commit that was tried") {}

    std::string draw() {
        axis();
        level(Verdict::good, 12);
        level(Verdict::bad, 27);
        for (std::size_t i = 0; i < probes_.size(); ++i) {
            const double y = Layout::top + Layout::row * (static_cast<double>(i) + 0.5);
            label(*probes_[i], y);
            samples(*probes_[i], y);
        }
        return svg_.finish();
    }

private:
    void axis() {
        const auto marks = ticks(scale_.values(), layout_.most_ticks);
        const double step = marks.size() > 1 ? marks[1] - marks[0] : 0;
        for (const double mark : marks) {
            const double x = scale_(mark);
            svg_.line({x, Layout::top}, {x, bottom_}, "grid");
            svg_.text({x, bottom_ + 16}, Anchor::middle, "mark", tick_text(mark, step));
        }
        const auto columns = layout_.columns();
        svg_.line({columns.low, bottom_}, {columns.high, bottom_}, "axis");
        const auto name = !shows_values(report_) ? "share of runs that fail"
                          : report_.unit.empty() ? "value"
                                                 : report_.unit;
        svg_.text({(columns.low + columns.high) / 2, bottom_ + 34}, Anchor::middle, "mark", name);
    }

    void level(Verdict verdict, double y) {
        const auto value = level_of(report_, verdict);
        if (!value) {
            return;
        }
        const std::string style = core::to_string(verdict);
        const double x = scale_(*value);
        svg_.line({x, y + 3}, {x, bottom_}, "level " + style);
        const auto columns = layout_.columns();
        const bool left_half = x < (columns.low + columns.high) / 2;
        svg_.text({x + (left_half ? 5 : -5), y}, left_half ? Anchor::start : Anchor::end,
                  "name " + style, style + " level " + value_text(*value));
    }

    void label(const ReportProbe& probe, double y) {
        svg_.line({0, y + Layout::row / 2}, {layout_.width, y + Layout::row / 2}, "row");
        svg_.text({2, y + 4}, Anchor::start, std::string("hash ") + style_of(probe.verdict),
                  probe.commit.substr(0, layout_.digits));
        if (layout_.digits < 12) {
            return;
        }
        const auto share = probe.runs > 0 ? std::to_string(probe.failures) + " of " +
                                                std::to_string(probe.runs) + " fail"
                                          : probe.purpose;
        svg_.text({layout_.left, y + 4}, Anchor::end, "mark", cap(share, 24));
    }

    void samples(const ReportProbe& probe, double y) {
        const std::string style = style_of(probe.verdict);
        if (shows_values(report_) && !probe.values.empty()) {
            values(probe, y, style);
        } else if (!shows_values(report_) && probe.runs > 0) {
            const double share = static_cast<double>(probe.failures) / probe.runs;
            interval(failure_interval(probe.failures, probe.runs), y, style);
            svg_.dot({scale_(share), y}, "dot " + style,
                     tip_of(probe, std::to_string(probe.failures) + " of " +
                                       std::to_string(probe.runs) + " runs fail"));
        } else {
            const auto letters =
                static_cast<std::size_t>((layout_.columns().high - layout_.columns().low) / 7.5);
            svg_.text({layout_.columns().low + 4, y + 4}, Anchor::start, "mark",
                      cap(probe.note, letters));
        }
    }

    void values(const ReportProbe& probe, double y, const std::string& style) {
        if (probe.values.size() > 1) {
            const auto mean = core::mean_interval(probe.values);
            interval({mean.lower(), mean.upper()}, y, style);
            svg_.line({scale_(mean.mean), y - 8}, {scale_(mean.mean), y + 8}, "mean " + style);
        }
        for (std::size_t i = 0; i < probe.values.size(); ++i) {
            // Aside of each other, so that equal ones are still counted.
            const double aside = (static_cast<double>(i % 3) - 1) * 4;
            svg_.dot({scale_(probe.values[i]), y + (probe.values.size() > 1 ? aside : 0)},
                     "dot " + style,
                     tip_of(probe, value_text(probe.values[i]) + " " + report_.unit));
        }
    }

    void interval(Extent extent, double y, const std::string& style) {
        svg_.line({scale_(extent.low), y}, {scale_(extent.high), y}, "interval " + style);
    }

    const Report& report_;
    Layout layout_;
    std::vector<const ReportProbe*> probes_;
    Scale scale_;
    double bottom_;
    Svg svg_;
};

} // namespace

const char* style_of(const std::optional<Verdict>& verdict) noexcept {
    return verdict ? core::to_string(*verdict) : "open";
}

std::optional<double> level_of(const Report& report, Verdict verdict) {
    double sum = 0;
    double count = 0;
    const bool metric = shows_values(report);
    for (const auto& probe : report.probes) {
        if (probe.verdict != verdict) {
            continue;
        }
        for (const double value : probe.values) {
            sum += value;
        }
        sum += metric ? 0U : probe.failures;
        count += metric ? static_cast<double>(probe.values.size()) : probe.runs;
    }
    return count > 0 ? std::optional(sum / count) : std::nullopt;
}

std::string samples_plot(const Report& report, PlotWidth width) {
    const bool anything =
        shows_values(report) || std::any_of(report.probes.begin(), report.probes.end(),
                                            [](const auto& probe) { return probe.runs > 0; });
    return anything ? SamplesPlot(report, width).draw() : "";
}

} // namespace lab::report
