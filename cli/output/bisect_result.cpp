// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "cli/output/results.h"

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
    const auto bad = text_at(result, "term_bad");
    std::string out = commit + " is the first " + (bad.empty() ? "bad" : bad) + " commit\ncommit " +
                      commit + "\n";
    const auto info = result.value("info", json::object());
    const auto message = text_at(info, "message");
    for (const auto& [title, name] : {std::pair{"Author: ", "author"}, {"Date:   ", "date"}}) {
        const auto text = text_at(info, name);
        out += text.empty() ? "" : title + text + "\n";
    }
    return out + "\n" + indented(message.empty() ? text_at(info, "subject") : message);
}

/// The verdict in the words of the bisection.
std::string verdict_word(const json& result, const std::string& verdict) {
    const auto term = verdict == "good" || verdict == "bad"
                          ? text_at(result, ("term_" + verdict).c_str())
                          : std::string();
    return term.empty() ? verdict : term;
}

std::string other_text(const json& result) {
    auto out = text_at(result, "text");
    const auto suspects = list_at(result, "suspects");
    if (suspects.empty() || out.find(text_at(suspects[0], "commit")) != std::string::npos) {
        return out;
    }
    out += out.empty() || out.back() == '\n' ? "" : "\n";
    out += text_at(result, "conclusion") == "several_culprits"
               ? "They are:\n"
               : "The first " + verdict_word(result, "bad") + " commit could be:\n";
    for (const auto& suspect : suspects) {
        out += text_at(suspect, "commit") + "  " + chance_text(number_at(suspect, "probability")) +
               "  " + text_at(suspect, "subject") + "\n";
    }
    return out;
}

std::string running_text(const api::JobDetail& detail) {
    std::string out = "bisection " + detail.job.id + ": " + detail.job.state;
    const auto progress = text_at(detail.result, "progress");
    return out + (progress.empty() ? "" : "\n" + progress);
}

std::string samples_text(const json& row) {
    std::string out;
    for (const auto& value : list_at(row, "values")) {
        if (value.is_number()) {
            out += (out.empty() ? "" : " ") + value_text(value.get<double>());
        }
    }
    if (const auto runs = number_at(row, "runs"); runs > 0) {
        return value_text(number_at(row, "failures")) + "/" + value_text(runs) + " failed";
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
        table.rows.push_back(
            {text_at(row, "commit").substr(0, 12), verdict_word(result, text_at(row, "verdict")),
             samples_text(row), time_or_nothing(number_at(row, "build_seconds")),
             time_or_nothing(number_at(row, "test_seconds")), text_at(row, "note")});
    }
    return table;
}

std::string confidence_text(const json& result) {
    const double probability = number_at(result, "probability");
    return probability > 0 ? "Confidence: " + chance_text(probability) : "";
}

/// What keeps commits from being tested, and where.
std::string blockers_text(const json& result) {
    std::string out;
    for (const auto& blocker : list_at(result, "blockers")) {
        out += (out.empty() ? "Cannot be tested:\n  " : "\n  ") + text_at(blocker, "text");
    }
    return out;
}

std::string after_rows(const json& result) {
    const auto blockers = blockers_text(result);
    const auto confidence = confidence_text(result);
    return blockers + (blockers.empty() || confidence.empty() ? "" : "\n") + confidence;
}

std::vector<std::string> cells_of(const json& lesson, std::size_t number) {
    const auto kind = text_at(lesson, "kind");
    const bool is_end = kind == "end_good" || kind == "end_bad";
    const auto change = [&](const char* before, const char* after, const auto& text) {
        return text(number_at(lesson, before)) + " -> " + text(number_at(lesson, after));
    };
    const auto candidates = [](double bits) {
        return value_text(std::round(std::exp2(bits)));
    };
    return {std::to_string(number),
            text_at(lesson, "commit").substr(0, 12),
            kind,
            text_at(lesson, "outcome"),
            is_end ? "" : change("bad_before", "bad_after", chance_text),
            change("bits_before", "bits_after", candidates),
            text_at(lesson, "likeliest").substr(0, 12) + " " +
                chance_text(number_at(lesson, "likeliest_chance"))};
}

} // namespace

Document bisect_report(const api::JobDetail& detail) {
    auto document = bisect_document(detail);
    document.table = {};
    const auto lessons = list_at(detail.result, "lessons");
    if (lessons.empty()) {
        document.table = rows_of(detail.result);
        return document;
    }
    document.table.headers = {"#", "COMMIT", "KIND", "OUTCOME", "BAD", "COMMITS LEFT", "LIKELIEST"};
    for (std::size_t i = 0; i < lessons.size(); ++i) {
        document.table.rows.push_back(cells_of(lessons[i], i + 1));
    }
    return document;
}

Document bisect_document(const api::JobDetail& detail) {
    const auto& result = detail.result;
    const auto conclusion = text_at(result, "conclusion");
    Document document;
    document.data = result;
    document.table = rows_of(result);
    document.after = after_rows(result);
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
            document.ids.push_back(text_at(suspect, "commit"));
        }
    }
    return document;
}

} // namespace lab::cli
