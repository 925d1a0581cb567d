// SPDX-License-Identifier: Apache-2.0
#include "notify/job_message.h"

#include "base/json_members.h"
#include "base/text.h"
#include "base/units.h"
#include "base/values.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace lab::notify {
namespace {

using nlohmann::json;
using plan::NotifyEvent;

/// Suspects that are named when it is not sure which commit it was.
constexpr std::size_t most_suspects = 10;

/// Values of one side whose median says more than that of all commits.
constexpr std::size_t enough_values = 3;

std::string formatted(const char* form, double value) {
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), form, value);
    return buffer.data();
}

/// What was seen of one side of the change.
struct Side {
    std::vector<double> values;
    double runs = 0;
    double failures = 0;
    std::string unit;

    [[nodiscard]] double median() {
        const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
        std::nth_element(values.begin(), middle, values.end());
        return values.size() % 2 == 1 ? *middle
                                      : (*middle + *std::max_element(values.begin(), middle)) / 2;
    }
};

Side side_of(const json& result, const char* key, const char* word) {
    Side side;
    for (const auto& row : list_at(result, "rows")) {
        if (text_at(row, key) != word) {
            continue;
        }
        for (const auto& value : list_at(row, "values")) {
            if (value.is_number()) {
                side.values.push_back(value.get<double>());
            }
        }
        // A search that asks for one verdict a commit does not count its runs.
        const bool once = number_at(row, "runs") == 0 && number_at(row, "test_seconds") > 0;
        side.runs += once ? 1 : number_at(row, "runs");
        side.failures += once && text_at(row, "verdict") == "bad" ? 1 : number_at(row, "failures");
        side.unit = text_at(row, "unit");
    }
    return side;
}

std::string difference(Side before, Side after) {
    if (!before.values.empty() && !after.values.empty()) {
        const auto low = before.median();
        const auto high = after.median();
        auto text = formatted("%.5g", low) + " -> " + formatted("%.5g", high);
        text += after.unit.empty() ? "" : " " + after.unit;
        return low == 0 ? text
                        : text + formatted(" (%+.1f %%)", (high - low) / std::abs(low) * 100);
    }
    if (before.runs > 0 && after.runs > 0) {
        return "fails " + formatted("%.0f", after.failures) + " of " +
               formatted("%.0f", after.runs) + " runs, " + formatted("%.0f", before.failures) +
               " of " + formatted("%.0f", before.runs) + " before";
    }
    return {};
}

std::string line(const char* name, const std::string& value) {
    return value.empty() ? "" : name + value + "\n";
}

/// Lines of a bisection's conclusion.
std::string conclusion_text(const json& result) {
    const auto info = object_at(result, "info");
    const auto commit = text_at(result, "commit");
    std::string text;
    if (commit.empty()) {
        text = line("", cap(text_at(result, "text"), 2000));
        const auto suspects = list_at(result, "suspects");
        for (std::size_t i = 0; i < std::min(suspects.size(), most_suspects); ++i) {
            text += text_at(suspects[i], "commit").substr(0, 12) + "  " +
                    chance_text(number_at(suspects[i], "probability")) + "  " +
                    cap(text_at(suspects[i], "subject"), 100) + "\n";
        }
        return text;
    }
    const auto bad = text_at(result, "term_bad");
    text = commit + " is the first " + (bad.empty() ? "bad" : bad) + " commit\n";
    text += line("Subject: ", cap(text_at(info, "subject"), 200));
    text += line("Author: ", cap(text_at(info, "author"), 200));
    text += line("Probability: ", chance_text(number_at(result, "probability")));
    return text + line("Effect: ", effect_of(result));
}

std::string word_of(NotifyEvent event) {
    switch (event) {
    case NotifyEvent::finished:
        return "done";
    case NotifyEvent::no_culprit:
        return "no culprit";
    default:
        return plan::to_string(event);
    }
}

bool is_conclusion(NotifyEvent event) {
    return event == NotifyEvent::found || event == NotifyEvent::no_culprit ||
           event == NotifyEvent::inconclusive;
}

bool is_trouble(NotifyEvent event) {
    return event == NotifyEvent::failed || event == NotifyEvent::sut_quarantined ||
           event == NotifyEvent::disk_low;
}

std::string title_of(const JobNews& news, NotifyEvent event) {
    const auto commit = text_at(news.result, "commit");
    if (event == NotifyEvent::found && !commit.empty()) {
        const auto subject = text_at(object_at(news.result, "info"), "subject");
        return "found: " + commit.substr(0, 12) + " " + cap(subject, 120);
    }
    if (event == NotifyEvent::verdict) {
        const auto latest = object_at(news.result, "latest");
        return text_at(latest, "commit").substr(0, 12) + " is " + text_at(latest, "verdict") +
               ": " + cap(news.title, 120);
    }
    return word_of(event) + ": " + cap(news.title, 120);
}

/// How much there is to do, as far as it can be said.
std::string estimate_of(const JobNews& news) {
    const auto commits = number_at(news.result, "range");
    if (commits < 1) {
        return {};
    }
    const auto tries = std::ceil(std::log2(commits + 1));
    return formatted("%.0f", commits) + (commits > 1 ? " commits" : " commit") + ": at least " +
           formatted("%.0f", tries) + " to try besides the ends\n" + line("", news.detail);
}

/// The newest verdict, and how far that leads.
std::string verdict_text(const json& result) {
    const auto latest = object_at(result, "latest");
    auto text = text_at(latest, "commit").substr(0, 12) + " is " + text_at(latest, "verdict") +
                "  " + cap(text_at(latest, "subject"), 200) + "\n";
    text += line("", cap(text_at(result, "progress"), 300));
    const auto seconds = number_at(result, "seconds_left");
    return seconds < 1
               ? text
               : text + "about " + format_duration(std::chrono::seconds(std::llround(seconds))) +
                     " left\n";
}

std::string details_of(const JobNews& news, NotifyEvent event) {
    auto text = line("", cap(news.title, 300));
    if (event == NotifyEvent::started) {
        return text + estimate_of(news) + "on " + news.host;
    }
    if (news.moment == Moment::disk_low || news.moment == Moment::sut_quarantined) {
        return text + line("", cap(news.detail, 1000)) + "on " + news.host + "\nlab job show " +
               news.job;
    }
    if (event == NotifyEvent::verdict) {
        return text + verdict_text(news.result) + "after " + format_duration(news.duration) +
               " on " + news.host + "\nlab job show " + news.job;
    }
    text += is_conclusion(event) ? conclusion_text(news.result) : "";
    text += line("", cap(news.error, 1000)) + line("", cap(news.hint, 300));
    text += "after " + format_duration(news.duration) + " on " + news.host + "\n";
    text += line("report: ", news.report);
    const auto* const command = news.kind == "bisect" ? "lab bisect report " : "lab job show ";
    return text + command + news.job;
}

} // namespace

std::vector<NotifyEvent> events_of(const JobNews& news) {
    switch (news.moment) {
    case Moment::began:
        return {NotifyEvent::started};
    case Moment::verdict:
        return {NotifyEvent::verdict};
    case Moment::sut_quarantined:
        return {NotifyEvent::sut_quarantined};
    case Moment::disk_low:
        return {NotifyEvent::disk_low};
    case Moment::ended:
        break;
    }
    if (news.state == "failed") {
        return {NotifyEvent::failed};
    }
    if (news.state == "cancelled") {
        return {NotifyEvent::cancelled};
    }
    const auto conclusion = text_at(news.result, "conclusion");
    if (news.kind != "bisect" || conclusion.empty()) {
        return {NotifyEvent::finished};
    }
    return {conclusion == "no_culprit"     ? NotifyEvent::no_culprit
            : conclusion == "inconclusive" ? NotifyEvent::inconclusive
                                           : NotifyEvent::found,
            NotifyEvent::finished};
}

std::string effect_of(const json& result) {
    const auto parent = side_of(result, "kind", "confirm_parent");
    const auto culprit = side_of(result, "kind", "confirm_bad");
    const bool compared =
        parent.values.size() >= enough_values && culprit.values.size() >= enough_values;
    return compared
               ? difference(parent, culprit)
               : difference(side_of(result, "verdict", "good"), side_of(result, "verdict", "bad"));
}

Message job_message(const JobNews& news) {
    const auto event = events_of(news).front();
    Message message;
    message.thread = news.job;
    message.host = news.host;
    message.time = news.time;
    message.title = title_of(news, event);
    message.text = details_of(news, event);
    const bool goes_on = event == NotifyEvent::started || event == NotifyEvent::verdict;
    message.series = goes_on ? news.job + "-progress" : "";
    message.urgency = is_trouble(event) || is_conclusion(event) ? Urgency::high
                      : goes_on                                 ? Urgency::low
                                                                : Urgency::normal;
    message.facts = {{"event", plan::to_string(event)},
                     {"kind", news.kind},
                     {"job", news.job},
                     {"exit_code", news.exit_code ? json(*news.exit_code) : json()},
                     {"duration_ms", news.duration.count()}};
    if (event == NotifyEvent::verdict) {
        const auto latest = object_at(news.result, "latest");
        for (const auto* key : {"commit", "verdict", "subject"}) {
            message.facts[key] = text_at(latest, key);
        }
        message.facts["commits_left"] = number_at(news.result, "revisions_left");
    }
    if (is_conclusion(event)) {
        message.facts["report"] = news.report;
        for (const auto* key : {"conclusion", "commit", "good", "bad"}) {
            message.facts[key] = text_at(news.result, key);
        }
        const auto info = object_at(news.result, "info");
        message.facts["subject"] = cap(text_at(info, "subject"), 200);
        message.facts["author"] = cap(text_at(info, "author"), 200);
        message.facts["probability"] = number_at(news.result, "probability");
        message.facts["effect"] = effect_of(news.result);
    }
    return message;
}

} // namespace lab::notify
