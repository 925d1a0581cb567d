// SPDX-License-Identifier: Apache-2.0
#include "engine/messenger.h"

#include "base/error.h"
#include "base/files.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "notify/delivery.h"
#include "plan/load.h"

#include <algorithm>

namespace lab::engine {
namespace {

/// Before the outbox is tried again when it could not be read or written.
constexpr Duration storage_pause = std::chrono::seconds(30);

notify::Message message_of(const ports::Letter& letter) {
    auto message = notify::message_from_event(
        nlohmann::json::parse(letter.message, nullptr, /*allow_exceptions=*/false));
    message.time = letter.created;
    message.stands = letter.shown;
    return message;
}

notify::Message message_of(const std::vector<ports::Letter>& parcel) {
    if (parcel.size() == 1) {
        return message_of(parcel.front());
    }
    std::vector<notify::Message> messages;
    std::transform(parcel.begin(), parcel.end(), std::back_inserter(messages),
                   [](const auto& letter) { return message_of(letter); });
    return notify::digest_of(messages, parcel.front().parcel);
}

std::optional<plan::Channel> channel_in(const std::string& text, const ports::Letter& letter) {
    const auto config = plan::parse_config(text, letter.to.config_path);
    if (!config) {
        return std::nullopt;
    }
    const auto& channels = config->notifications.channels;
    const auto found = channels.find(letter.to.channel);
    return found == channels.end() ? std::nullopt : std::optional(found->second);
}

} // namespace

plan::Channel channel_of(const ports::Letter& letter, const ConfigAt& config_at) {
    for (const auto& text : {config_at(letter.to.config_path), std::optional(letter.config_text)}) {
        const auto channel = text ? channel_in(*text, letter) : std::nullopt;
        if (channel) {
            return *channel;
        }
    }
    throw Error(ErrorCode::not_found, "channel '" + letter.to.channel + "': is not in " +
                                          letter.to.config_path + " any more");
}

Messenger::Messenger(ports::Outbox& outbox, ports::Notifier& notifier, ConfigAt config_at)
    : outbox_(outbox), notifier_(notifier), config_at_(std::move(config_at)) {}

Messenger::~Messenger() {
    decltype(workers_) workers;
    {
        const std::lock_guard lock(mutex_);
        workers.swap(workers_);
    }
    for (const auto& [address, worker] : workers) {
        worker->thread.request_stop();
    }
    for (const auto& [address, worker] : workers) {
        worker->thread.join();
    }
}

void Messenger::wake(const ports::ChannelAddress& address) {
    const std::lock_guard lock(mutex_);
    std::erase_if(workers_, [](const auto& entry) { return entry.second->finished; });
    auto& worker = workers_[address];
    if (worker != nullptr) {
        worker->asked = true;
        changed_.notify_all();
        return;
    }
    worker = std::make_unique<Worker>();
    worker->thread = std::jthread([this, address, own = worker.get()](const std::stop_token& stop) {
        work(address, *own, stop);
    });
}

void Messenger::wake_all() {
    for (const auto& address : outbox_.waiting()) {
        wake(address);
    }
}

void Messenger::work(const ports::ChannelAddress& address, Worker& worker,
                     const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        {
            const std::lock_guard lock(mutex_);
            worker.asked = false;
        }
        std::optional<Duration> rest = storage_pause;
        try {
            rest = turn(address, stop);
        } catch (const Cancelled&) {
            return;
        } catch (...) {
            logger("engine")->error("letters not handled channel={} cause={}", address.channel,
                                    current_error().what());
        }
        if (rest) {
            pause(worker, *rest, stop);
            continue;
        }
        const std::lock_guard lock(mutex_);
        if (!worker.asked) {
            worker.finished = true;
            return;
        }
    }
}

void Messenger::pause(Worker& worker, Duration time, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, time, [&] { return worker.asked; });
}

std::optional<Duration> Messenger::turn(const ports::ChannelAddress& address,
                                        const std::stop_token& stop) {
    auto queue =
        outbox_.letters({{}, address, {notify::LetterState::waiting}, notify::largest_parcel});
    if (queue.empty()) {
        return std::nullopt;
    }
    const auto left = notify::time_until(queue.front().due, std::chrono::system_clock::now());
    if (left > Duration::zero()) {
        return left;
    }
    std::vector<std::string> parcels;
    std::transform(queue.begin(), queue.end(), std::back_inserter(parcels),
                   [](const auto& letter) { return letter.parcel; });
    queue.resize(notify::parcel_size(parcels));
    send(std::move(queue), stop);
    return Duration::zero();
}

void Messenger::send(std::vector<ports::Letter> parcel, const std::stop_token& stop) {
    const auto& first = parcel.front();
    const auto id = !first.parcel.empty() ? first.parcel
                    : parcel.size() == 1  ? first.id
                                          : new_ulid();
    for (auto& letter : parcel) {
        letter.parcel = id;
        ++letter.attempts;
    }
    outbox_.update(parcel); // before anything leaves: after a crash it leaves in the same form
    auto judgement = attempt(parcel, stop);
    if (judgement.fate == notify::Fate::refused && !parcel.front().shown.empty()) {
        parcel.front().shown.clear(); // it may have been deleted there: a new one then
        judgement = attempt(parcel, stop);
    }
    if (parcel.size() == 1 && !judgement.shown.empty()) {
        parcel.front().shown = judgement.shown;
    }
    const auto now = std::chrono::system_clock::now();
    const auto disposal = notify::after_attempt(
        judgement, {parcel.front().attempts, now, parcel.front().expires, chance()});
    for (auto& letter : parcel) {
        letter.state = disposal.state;
        letter.due = disposal.due;
        letter.reason = disposal.reason;
    }
    outbox_.update(parcel);
    const auto* const word = notify::to_string(disposal.state);
    if (disposal.state == notify::LetterState::delivered) {
        logger("engine")->info("letters sent channel={} count={} id={}", parcel.front().to.channel,
                               parcel.size(), id);
    } else {
        logger("engine")->warn("letters not sent channel={} count={} id={} state={} cause={}",
                               parcel.front().to.channel, parcel.size(), id, word, disposal.reason);
    }
}

notify::Judgement Messenger::attempt(const std::vector<ports::Letter>& parcel,
                                     const std::stop_token& stop) {
    try {
        return notifier_.send(channel_of(parcel.front(), config_at_), message_of(parcel),
                              {ports::Patience{}.timeout, stop});
    } catch (const Error& error) {
        // A secret that is missing, a program that is not installed: it may be mended meanwhile.
        return {notify::Fate::retry, {}, cap(escape_for_terminal(error.what()), 300)};
    }
}

double Messenger::chance() {
    const std::lock_guard lock(mutex_);
    return std::uniform_real_distribution<double>(0, 1)(random_);
}

} // namespace lab::engine
