// SPDX-License-Identifier: Apache-2.0
#include "engine/news.h"

#include "base/error.h"
#include "base/host.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "base/units.h"
#include "notify/delivery.h"
#include "plan/load.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace lab::engine {
namespace {

using notify::LetterState;
using notify::Moment;
using ports::ChannelAddress;
using ports::JobRow;
using ports::Letter;

nlohmann::json result_of(const JobRow& row) {
    auto result = nlohmann::json::parse(row.result_json, nullptr, /*allow_exceptions=*/false);
    return result.is_object() ? result : nlohmann::json::object();
}

WallTime time_of(const JobRow& row, Moment moment) {
    switch (moment) {
    case Moment::began:
        return row.started.value_or(row.created);
    case Moment::verdict:
    case Moment::sut_quarantined:
    case Moment::disk_low:
        return std::chrono::system_clock::now();
    case Moment::ended:
        break;
    }
    return row.ended.value_or(row.created);
}

/// The same for the same moment, whichever process derives it. A bisection that is resumed ends
/// again, at another time.
std::string key_of(const JobRow& row, Moment moment, const nlohmann::json& result) {
    switch (moment) {
    case Moment::began:
        return row.id + "/start";
    case Moment::verdict: {
        const auto latest = result.value("latest", nlohmann::json::object());
        return row.id + "/verdict/" + latest.value("commit", "") + "/" + latest.value("kind", "") +
               "/" + latest.value("verdict", "");
    }
    case Moment::sut_quarantined:
        return row.id + "/sut-quarantined";
    case Moment::disk_low:
        return row.id + "/disk-low";
    case Moment::ended:
        break;
    }
    return row.id + "/end/" +
           std::to_string(std::llround(to_epoch_seconds(row.ended.value_or(row.created)) * 1000));
}

notify::JobNews news_of(const JobRow& row, Moment moment, nlohmann::json result) {
    notify::JobNews news;
    news.moment = moment;
    news.job = row.id;
    news.kind = row.kind;
    news.title = row.title;
    news.state = row.state;
    news.error = row.error;
    news.hint = row.hint;
    news.exit_code = row.exit_code;
    news.result = std::move(result);
    news.time = time_of(row, moment);
    news.duration = row.started
                        ? std::max(std::chrono::duration_cast<Duration>(news.time - *row.started),
                                   Duration::zero())
                        : Duration::zero();
    news.host = host_name();
    return news;
}

/// Past jobs that are read for how long such a job takes, and of those that are compared.
constexpr std::size_t jobs_looked_at = 200;
constexpr std::size_t most_compared = 5;

/// What a bisection asks, without the range.
nlohmann::json question_in(const JobRow& row) {
    auto spec = nlohmann::json::parse(row.spec_json, nullptr, /*allow_exceptions=*/false);
    if (!spec.is_object()) {
        return {};
    }
    nlohmann::json question;
    for (const auto* key : {"vm", "on", "local", "check", "jobs"}) {
        question[key] = spec.value(key, nlohmann::json());
    }
    return question;
}

std::vector<std::string> channels_by_rules(const JobRow& row, const notify::JobNews& news) {
    const auto kind = plan::notify_kind_from(row.kind);
    const auto config = plan::parse_config(row.config_text, row.config_path);
    if (!kind || !config) {
        return {};
    }
    return plan::channels_for(config->notifications,
                              {notify::events_of(news), *kind, news.duration});
}

Letter letter_to(const ChannelAddress& to, const std::string& config_text,
                 notify::Message message) {
    Letter letter;
    letter.id = new_ulid();
    message.id = letter.id;
    letter.to = to;
    letter.config_text = config_text;
    letter.series = message.series;
    letter.message = notify::event_json(message);
    letter.created = message.time;
    letter.due = std::chrono::system_clock::now();
    letter.expires = letter.due + notify::longest_life;
    return letter;
}

LetterInfo info_of(const Letter& letter) {
    const auto message = nlohmann::json::parse(letter.message, nullptr, /*allow_exceptions=*/false);
    LetterInfo info;
    info.id = letter.id;
    info.title = notify::message_from_event(message).title;
    info.channel = letter.to.channel;
    info.config_path = letter.to.config_path;
    info.state = notify::to_string(letter.state);
    info.attempts = letter.attempts;
    info.created = letter.created;
    if (letter.state == LetterState::waiting) {
        info.due = letter.due;
    }
    info.reason = letter.reason;
    return info;
}

} // namespace

News::News(ports::JobStore& jobs, ports::Outbox& outbox, ports::Notifier& notifier,
           ConfigAt config_at)
    : jobs_(jobs), outbox_(outbox), messenger_(outbox, notifier, std::move(config_at)),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

void News::tell_soon(Event event) {
    {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
    }
    changed_.notify_all();
}

void News::stop() {
    thread_.request_stop();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void News::work(const std::stop_token& stop) {
    for (;;) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, stop, [this] { return !events_.empty(); });
        if (stop.stop_requested()) {
            return;
        }
        const auto event = std::move(events_.front());
        events_.pop_front();
        lock.unlock();
        tell(event);
    }
}

void News::start(const std::vector<JobRow>& jobs) {
    for (const auto& row : jobs) {
        if (row.ended && !outbox_.knows(key_of(row, Moment::ended, {}), *row.ended)) {
            tell({row.id,
                  Moment::ended,
                  {}}); // one that cannot be told must not keep labd from starting
        }
    }
    messenger_.wake_all();
}

void News::tell(const Event& event) {
    try {
        tell(row_of(event.job), event.moment, event.detail);
    } catch (...) {
        logger("engine")->error("nothing told job={} cause={}", event.job, current_error().what());
    }
}

void News::tell(const JobRow& row, Moment moment, const std::string& detail) {
    const auto result = result_of(row);
    const auto key = key_of(row, moment, result);
    auto news = news_of(row, moment, result);
    const auto channels = channels_by_rules(row, news);
    if (channels.empty() && moment != Moment::ended) {
        return;
    }
    news.detail = moment == Moment::began ? usual_time(row) : detail;
    const auto watches =
        moment == Moment::ended ? outbox_.watches(row.id) : std::vector<ports::Watch>();
    const bool is_told = !channels.empty() || !watches.empty();
    if (is_told && moment == Moment::ended && row.kind == "bisect") {
        news.report = report_of(row);
    }
    const auto message = notify::job_message(news);
    std::vector<Letter> letters;
    const auto add = [&](const ChannelAddress& to, const std::string& config_text) {
        letters.push_back(letter_to(to, config_text, message));
        letters.back().key = key;
    };
    if (!outbox_.knows(key, news.time)) {
        for (const auto& channel : channels) {
            add({row.config_path, channel}, row.config_text);
        }
    }
    for (const auto& watch : watches) {
        add(watch.to, watch.config_text);
    }
    outbox_.add(key, letters);
    for (const auto& letter : letters) {
        messenger_.wake(letter.to);
    }
}

/// Where its report lies; empty when there is none, which must not keep the message back.
std::string News::report_of(const JobRow& row) const {
    try {
        return reporter_ ? reporter_(row).string() : "";
    } catch (...) {
        logger("engine")->warn("no report job={} cause={}", row.id, current_error().what());
        return {};
    }
}

JobRow News::row_of(const std::string& job) {
    const auto rows = jobs_.jobs({job, {}, 1});
    if (rows.empty() || rows.front().id != job) {
        throw Error(ErrorCode::not_found, cap(escape_for_terminal(job), 40) + ": no such job",
                    "lab job list");
    }
    return rows.front();
}

/// From the last bisections that asked the same of the same machines and came to an end, by the
/// number of commits that they had to tell apart.
std::string News::usual_time(const JobRow& row) {
    const auto commits = result_of(row).value("range", 0.0);
    if (row.kind != "bisect" || commits < 1) {
        return {};
    }
    std::vector<double> seconds;
    for (const auto& past : jobs_.jobs({{}, {}, jobs_looked_at})) {
        const bool fits = past.kind == row.kind && past.state == "done" && past.started &&
                          past.ended && question_in(past) == question_in(row);
        const double range = fits ? result_of(past).value("range", 0.0) : 0;
        if (range < 1 || seconds.size() == most_compared) {
            continue;
        }
        const std::chrono::duration<double> taken = *past.ended - *past.started;
        seconds.push_back(taken.count() * std::log2(commits + 1) / std::log2(range + 1));
    }
    if (seconds.empty()) {
        return {};
    }
    const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
    std::nth_element(seconds.begin(), middle, seconds.end());
    return "about " + format_duration(std::chrono::seconds(std::llround(*middle))) +
           ", as the last such " +
           (seconds.size() == 1 ? "bisection" : std::to_string(seconds.size()) + " bisections");
}

std::vector<LetterInfo> News::letters() {
    std::vector<LetterInfo> all;
    const auto letters = chosen({});
    std::transform(letters.begin(), letters.end(), std::back_inserter(all), info_of);
    return all;
}

std::vector<Letter> News::chosen(const LetterIds& ids) {
    auto letters = outbox_.letters({{}, {}, {LetterState::waiting, LetterState::dead}});
    if (ids.empty()) {
        return letters;
    }
    std::set<std::string> wanted(ids.begin(), ids.end());
    std::erase_if(letters, [&](const Letter& letter) { return !wanted.contains(letter.id); });
    for (const auto& letter : letters) {
        wanted.erase(letter.id);
    }
    if (!wanted.empty()) {
        throw Error(ErrorCode::not_found,
                    "message '" + cap(escape_for_terminal(*wanted.begin()), 40) +
                        "': is not in the outbox",
                    "lab notify outbox list");
    }
    return letters;
}

std::size_t News::retry(const LetterIds& ids) {
    auto letters = chosen(ids);
    for (auto& letter : letters) {
        letter.state = LetterState::waiting;
        letter.attempts = 0;
        letter.parcel.clear();
        letter.due = std::chrono::system_clock::now();
        letter.expires = letter.due + notify::longest_life;
    }
    outbox_.update(letters);
    messenger_.wake_all();
    return letters.size();
}

std::size_t News::drop(const LetterIds& ids) {
    auto letters = chosen(ids);
    for (auto& letter : letters) {
        letter.state = LetterState::dropped;
    }
    outbox_.update(letters);
    messenger_.wake_all();
    return letters.size();
}

void News::watch(const std::string& job, const std::string& channel, const ConfigText& config) {
    static_cast<void>(row_of(job));
    const auto parsed = value_or_throw(plan::parse_config(config.text, config.path));
    if (!parsed.notifications.channels.contains(channel)) {
        throw Error(ErrorCode::not_found,
                    "channel '" + cap(escape_for_terminal(channel), 80) + "': is not in lab.yaml",
                    "lab notify list");
    }
    outbox_.add_watch({job, {config.path, channel}, config.text});
    const auto row = row_of(job); // read behind the watch: an end in between sees one of them
    if (row.ended) {
        tell(row, Moment::ended);
    }
}

} // namespace lab::engine
