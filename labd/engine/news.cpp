// SPDX-License-Identifier: Apache-2.0
#include "engine/news.h"

#include "base/error.h"
#include "base/host.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "notify/delivery.h"
#include "notify/job_message.h"
#include "plan/load.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace lab::engine {
namespace {

using notify::LetterState;
using ports::ChannelAddress;
using ports::JobRow;
using ports::Letter;

WallTime moment_of(const JobRow& row) {
    return row.ended ? *row.ended : row.started.value_or(row.created);
}

/// The same for the same moment, whichever process derives it. A bisection that is resumed ends
/// again, at another time.
std::string key_of(const JobRow& row) {
    return row.ended ? row.id + "/end/" +
                           std::to_string(std::llround(to_epoch_seconds(*row.ended) * 1000))
                     : row.id + "/start";
}

notify::JobNews news_of(const JobRow& row) {
    notify::JobNews news;
    news.job = row.id;
    news.kind = row.kind;
    news.title = row.title;
    news.state = row.state;
    news.error = row.error;
    news.hint = row.hint;
    news.exit_code = row.exit_code;
    news.result = nlohmann::json::parse(row.result_json, nullptr, /*allow_exceptions=*/false);
    if (!news.result.is_object()) {
        news.result = nlohmann::json::object();
    }
    news.time = moment_of(row);
    news.duration = row.started && row.ended
                        ? std::max(std::chrono::duration_cast<Duration>(*row.ended - *row.started),
                                   Duration::zero())
                        : Duration::zero();
    news.host = host_name();
    return news;
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

News::News(ports::JobStore& jobs, ports::Outbox& outbox, ports::Notifier& notifier)
    : jobs_(jobs), outbox_(outbox), messenger_(outbox, notifier) {}

void News::start(const std::vector<JobRow>& jobs) {
    for (const auto& row : jobs) {
        if (row.ended && !outbox_.knows(key_of(row), moment_of(row))) {
            tell(row);
        }
    }
    messenger_.wake_all();
}

void News::tell(const std::string& job) {
    try {
        tell(row_of(job));
    } catch (const Error& error) {
        logger("engine")->error("nothing told job={} cause={}", job, error.what());
    }
}

void News::tell(const JobRow& row) {
    if (!row.started && !row.ended) {
        return;
    }
    const auto key = key_of(row);
    const auto news = news_of(row);
    const auto message = notify::job_message(news);
    std::vector<Letter> letters;
    const auto add = [&](const ChannelAddress& to, const std::string& config_text) {
        letters.push_back(letter_to(to, config_text, message));
        letters.back().key = key;
    };
    if (!outbox_.knows(key, moment_of(row))) {
        for (const auto& channel : channels_by_rules(row, news)) {
            add({row.config_path, channel}, row.config_text);
        }
    }
    if (row.ended) {
        for (const auto& watch : outbox_.watches(row.id)) {
            add(watch.to, watch.config_text);
        }
    }
    outbox_.add(key, letters);
    for (const auto& letter : letters) {
        messenger_.wake(letter.to);
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
        tell(row);
    }
}

} // namespace lab::engine
