// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "cli/output/results.h"

#include <array>
#include <cmath>

namespace lab::cli {
namespace {

using nlohmann::json;

std::string indented(const std::string& message) {
    std::string out;
    for (const auto& line : split(std::string(trim(message)), '\n')) {
        out += line.empty() ? "\n" : "    " + line + "\n";
    }
    return out;
}

/// As `git bisect` ends: its sentence, then the commit.
std::string found_text(const json& result) {
    const auto commit = text_at(result, "commit");
    std::string out = commit + " is the first bad commit\ncommit " + commit + "\n";
    const auto info = result.value("info", json::object());
    const auto message = text_at(info, "message");
    for (const auto& [title, name] : {std::pair{"Author: ", "author"}, {"Date:   ", "date"}}) {
        const auto text = text_at(info, name);
        out += text.empty() ? "" : title + text + "\n";
    }
    return out + "\n" + indented(message.empty() ? text_at(info, "subject") : message);
}

std::string other_text(const json& result) {
    auto out = text_at(result, "text");
    const auto suspects = list_at(result, "suspects");
    const bool listed = suspects.empty() || !suspects[0].is_string() ||
                        out.find(suspects[0].get<std::string>()) != std::string::npos;
    if (!listed) {
        out += out.empty() || out.back() == '\n' ? "" : "\n";
        out += "The first bad commit could be any of:\n";
        for (const auto& suspect : suspects) {
            out += suspect.is_string() ? suspect.get<std::string>() + "\n" : "";
        }
    }
    return out;
}

std::string running_text(const api::JobDetail& detail) {
    std::string out = "bisection " + detail.job.id + ": " + detail.job.state;
    if (detail.result.contains("revisions_left")) {
        const auto left = std::llround(number_at(detail.result, "revisions_left"));
        const auto steps = std::llround(number_at(detail.result, "steps"));
        out += ", " + std::to_string(left) + " revisions left to test after this (roughly " +
               std::to_string(steps) + (steps == 1 ? " step)" : " steps)");
    }
    return out;
}

std::string samples_text(const json& row) {
    std::string out;
    for (const auto& value : list_at(row, "values")) {
        if (value.is_number()) {
            out += (out.empty() ? "" : " ") + value_text(value.get<double>());
        }
    }
    const auto unit = text_at(row, "unit");
    return out.empty() || unit.empty() ? out : out + " " + unit;
}

Table rows_of(const json& result) {
    Table table;
    const auto rows = list_at(result, "rows");
    if (rows.empty()) {
        return table;
    }
    table.headers = {"COMMIT", "VERDICT", "SAMPLES", "BUILD", "TEST", "NOTE"};
    for (const auto& row : rows) {
        table.rows.push_back({text_at(row, "commit").substr(0, 12), text_at(row, "verdict"),
                              samples_text(row), time_or_nothing(number_at(row, "build_seconds")),
                              time_or_nothing(number_at(row, "test_seconds")),
                              text_at(row, "note")});
    }
    return table;
}

/// One decimal, rounded down: 99.96 % must not be shown as certainty.
std::string confidence_text(const json& result) {
    const double probability = number_at(result, "probability");
    if (!(probability > 0)) {
        return {};
    }
    std::array<char, 48> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "Confidence: %.1f %%",
                  std::floor(probability * 1000 + 1e-9) / 10);
    return buffer.data();
}

} // namespace

Document bisect_document(const api::JobDetail& detail) {
    const auto& result = detail.result;
    const auto conclusion = text_at(result, "conclusion");
    Document document;
    document.data = result;
    document.table = rows_of(result);
    document.after = confidence_text(result);
    if (conclusion == "found") {
        document.before = found_text(result);
    } else if (conclusion.empty()) {
        document.before = running_text(detail);
    } else {
        document.before = other_text(result);
    }
    if (const auto commit = text_at(result, "commit"); !commit.empty()) {
        document.ids = {commit};
    } else {
        for (const auto& suspect : list_at(result, "suspects")) {
            document.ids.push_back(suspect.is_string() ? suspect.get<std::string>() : "");
        }
    }
    return document;
}

} // namespace lab::cli
