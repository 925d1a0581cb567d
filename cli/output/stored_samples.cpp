// SPDX-License-Identifier: Apache-2.0
#include "cli/output/stored_results.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace lab::cli {
namespace {

using core::Difference;
using nlohmann::json;

template <class... Values>
std::string printed(const char* form, Values... values) {
    std::array<char, 400> text{};
    std::snprintf(text.data(), text.size(), form, values...);
    return text.data();
}

/// Two decimals; small numbers with four significant digits, huge ones with an exponent.
std::string number_text(double value) {
    const double size = std::abs(value);
    if (size >= 1e15) {
        return printed("%.6g", value);
    }
    return size >= 1 || size == 0 ? printed("%.2f", value) : printed("%.4g", value);
}

std::string share_text(double share) {
    return printed("%+.2f %%", share * 100);
}

std::string chance_text(const std::optional<double>& p) {
    if (!p) {
        return "";
    }
    return *p < 0.0001 ? "<0.0001" : printed("%.4f", *p);
}

json or_null(const std::optional<double>& value) {
    return value ? json(*value) : json();
}

/// "R" or "I" where the intervals do not overlap, else nothing.
std::string mark_of(const core::Comparison& comparison) {
    if (!comparison.disjoint || !comparison.change) {
        return "";
    }
    return *comparison.change < 0 ? "R" : "I";
}

/// A value as it is, or as its distance from the mean in per cent of it.
std::string placed(double value, double mean, Numbers numbers) {
    const bool relative = numbers == Numbers::relative && mean != 0;
    return relative ? share_text((value - mean) / std::abs(mean)) : number_text(value);
}

json summary_json(const std::string& profile, const std::vector<double>& samples) {
    json data{{"swprofile", profile}, {"count", samples.size()}};
    if (samples.empty()) {
        return data;
    }
    const auto summary = core::summarize(samples);
    const auto& interval = summary.interval;
    data["min"] = summary.min;
    data["ci95min"] = interval ? json(interval->lower()) : json();
    data["mean"] = summary.mean;
    data["ci95max"] = interval ? json(interval->upper()) : json();
    data["max"] = summary.max;
    data["cv"] = interval ? json(interval->coefficient_of_variation()) : json();
    data["samples"] = samples;
    return data;
}

json comparison_json(const std::string& profile, const core::Comparison& comparison) {
    return {{"swprofile", profile},
            {"change", or_null(comparison.change)},
            {"mark", mark_of(comparison)},
            {"shift", or_null(comparison.shift)},
            {"p", or_null(comparison.welch)},
            {"rank_p", or_null(comparison.rank)},
            {"finding", core::to_string(comparison.finding)}};
}

std::vector<std::string> statistics_cells(const std::vector<double>& samples, Numbers numbers) {
    const auto summary = core::summarize(samples);
    const auto& interval = summary.interval;
    const auto at = [&](double value) {
        return placed(value, summary.mean, numbers);
    };
    return {at(summary.min),
            interval ? at(interval->lower()) : "",
            number_text(summary.mean),
            interval ? at(interval->upper()) : "",
            at(summary.max),
            interval ? printed("%.2f %%", interval->coefficient_of_variation() * 100) : "",
            std::to_string(summary.count)};
}

std::vector<std::string> comparison_cells(const core::Comparison& comparison) {
    const auto mark = mark_of(comparison);
    const auto change = comparison.change ? share_text(*comparison.change) : "";
    const bool is_empty = !comparison.change && comparison.finding == Difference::too_few;
    return {change + (mark.empty() ? "" : " (" + mark + ")"),
            comparison.shift ? share_text(*comparison.shift) : "", chance_text(comparison.welch),
            chance_text(comparison.rank), is_empty ? "" : core::to_string(comparison.finding)};
}

void append(std::vector<std::string>& cells, const std::vector<std::string>& more) {
    cells.insert(cells.end(), more.begin(), more.end());
}

std::vector<std::string> headers_of(const ProfileSamples& samples) {
    if (samples.profiles.size() == 1) {
        return {"min", "ci95min", "mean", "ci95max", "max", "cv", "count"};
    }
    std::vector<std::string> headers{samples.profiles.front() + " (base)"};
    for (std::size_t i = 1; i < samples.profiles.size(); ++i) {
        append(headers, {samples.profiles[i], "shift", "p", "rank p", "finding"});
    }
    return headers;
}

std::string errors_text(const ProfileSamples& samples) {
    constexpr std::size_t most = 10;
    std::string text;
    for (std::size_t i = 0; i < samples.errors.size() && i < most; ++i) {
        const auto& error = samples.errors[i];
        text += "error: " + error.swprofile + " on " + error.sut + ", " + error.benchmark +
                ", code " + std::to_string(error.code) + ": " +
                error.text.substr(0, error.text.find('\n')) + "\n";
    }
    if (samples.errors.size() > most) {
        text += std::to_string(samples.errors.size() - most) + " more errors\n";
    }
    return text;
}

json errors_json(const std::vector<ports::ErrorRecord>& errors) {
    auto list = json::array();
    for (const auto& error : errors) {
        list.push_back({{"sut", error.sut},
                        {"swprofile", error.swprofile},
                        {"benchmark", error.benchmark},
                        {"session", error.session},
                        {"sequence", error.sequence},
                        {"time", ports::time_text(error.time)},
                        {"code", error.code},
                        {"text", error.text}});
    }
    return list;
}

} // namespace

std::string MetricRow::metric_title() const {
    return metric.unit.empty() ? metric.name : metric.name + " (" + metric.unit + ")";
}

ProfileSamples group_samples(const ports::ResultBatch& batch,
                             const std::vector<std::string>& profiles) {
    ProfileSamples out{profiles, {}, {}};
    std::map<std::string, std::size_t> column;
    for (const auto& profile : profiles) {
        column.emplace(profile, column.size());
    }
    std::map<std::string, std::string> titles;
    std::map<std::string, int> uses;
    for (const auto& benchmark : batch.benchmarks) {
        titles[benchmark.id()] = benchmark.title();
        ++uses[benchmark.title()];
    }
    using MetricKey = std::pair<std::string, std::string>;
    std::map<MetricKey, ports::ResultclassRecord> metrics;
    for (const auto& metric : batch.resultclasses) {
        metrics[{metric.benchmark, metric.name}] = metric;
    }
    std::map<std::tuple<std::string, std::string, std::string>, MetricRow> rows;
    for (const auto& result : batch.results) {
        const auto place = column.find(result.swprofile);
        if (place == column.end()) {
            continue;
        }
        auto& row = rows[{result.sut, result.benchmark, result.resultclass}];
        row.samples.resize(profiles.size());
        row.samples[place->second].push_back(result.value);
    }
    for (auto& [key, row] : rows) {
        const auto& [sut, benchmark, resultclass] = key;
        const auto& title = titles[benchmark];
        row.sut = sut;
        row.benchmark = uses[title] > 1 ? benchmark : title;
        row.metric = metrics[{benchmark, resultclass}];
        out.rows.push_back(std::move(row));
    }
    std::copy_if(batch.errors.begin(), batch.errors.end(), std::back_inserter(out.errors),
                 [&](const auto& error) { return column.contains(error.swprofile); });
    return out;
}

Document samples_document(const ProfileSamples& samples, Numbers numbers) {
    std::set<std::string> suts;
    std::vector<core::MetricSamples> metrics;
    for (const auto& row : samples.rows) {
        suts.insert(row.sut);
        metrics.push_back({row.metric.better, row.samples});
    }
    const auto comparisons = core::compare(metrics);
    Document document;
    document.data = {{"swprofiles", samples.profiles},
                     {"results", json::array()},
                     {"errors", errors_json(samples.errors)}};
    auto& headers = document.table.headers;
    headers = suts.size() > 1 ? std::vector<std::string>{"SUT", "Benchmark", "Result Class"}
                              : std::vector<std::string>{"Benchmark", "Result Class"};
    append(headers, headers_of(samples));
    for (std::size_t i = 0; i < samples.rows.size(); ++i) {
        const auto& row = samples.rows[i];
        json data{{"sut", row.sut},
                  {"benchmark", row.benchmark},
                  {"resultclass", row.metric.name},
                  {"unit", row.metric.unit},
                  {"better", ports::better_word(row.metric.better)},
                  {"profiles", json::array()},
                  {"comparisons", json::array()}};
        std::vector<std::string> cells{row.benchmark, row.metric_title()};
        if (suts.size() > 1) {
            cells.insert(cells.begin(), row.sut);
        }
        if (samples.profiles.size() == 1) {
            append(cells, statistics_cells(row.samples.front(), numbers));
        } else {
            const auto& base = row.samples.front();
            cells.push_back(base.empty() ? "" : number_text(core::summarize(base).mean));
        }
        for (std::size_t k = 0; k < samples.profiles.size(); ++k) {
            data["profiles"].push_back(summary_json(samples.profiles[k], row.samples[k]));
            if (k > 0) {
                const auto& comparison = comparisons[i][k - 1];
                data["comparisons"].push_back(comparison_json(samples.profiles[k], comparison));
                append(cells, comparison_cells(comparison));
            }
        }
        document.ids.push_back(row.benchmark + " " + row.metric.name);
        document.data["results"].push_back(std::move(data));
        document.table.rows.push_back(std::move(cells));
    }
    document.after = errors_text(samples);
    return document;
}

} // namespace lab::cli
