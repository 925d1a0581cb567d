// SPDX-License-Identifier: Apache-2.0
#include "notify/outbox.h"

#include "base/text.h"
#include "notify/delivery.h"

#include <algorithm>
#include <array>

namespace lab::notify {
namespace {

constexpr std::array states{LetterState::waiting, LetterState::delivered, LetterState::dead,
                            LetterState::dropped};

/// Letters that are still sent one by one when they wait together.
constexpr std::size_t few = 3;

} // namespace

const char* to_string(LetterState state) noexcept {
    static constexpr std::array words{"waiting", "delivered", "dead", "dropped"};
    return words[static_cast<std::size_t>(state)];
}

LetterState letter_state_from(const std::string& word) noexcept {
    const auto* const found = std::find_if(
        states.begin(), states.end(), [&](LetterState state) { return word == to_string(state); });
    return found == states.end() ? LetterState::dead : *found;
}

Disposal after_attempt(const Judgement& judgement, const Attempt& attempt) {
    if (judgement.fate == Fate::delivered) {
        return {LetterState::delivered, attempt.now};
    }
    if (judgement.fate == Fate::refused) {
        return {LetterState::dead, attempt.now, judgement.reason};
    }
    const auto due =
        attempt.now + judgement.after.value_or(backoff(attempt.number, attempt.chance));
    if (due >= attempt.expires) {
        return {LetterState::dead, attempt.now, "given up after 24 h: " + judgement.reason};
    }
    return {LetterState::waiting, due, judgement.reason};
}

std::size_t parcel_size(const std::vector<std::string>& parcels) {
    const auto other = std::find_if(parcels.begin(), parcels.end(), [&](const std::string& each) {
        return each != parcels.front();
    });
    const auto alike = static_cast<std::size_t>(other - parcels.begin());
    if (!parcels.front().empty()) {
        return alike;
    }
    return alike > few ? std::min(alike, largest_parcel) : 1;
}

Message digest_of(const std::vector<Message>& messages, const std::string& id) {
    Message digest;
    digest.id = id;
    digest.host = messages.front().host;
    digest.time = messages.front().time;
    digest.urgency = Urgency::low;
    digest.title = std::to_string(messages.size()) + " messages from " + digest.host;
    digest.facts = {{"event", "digest"}, {"messages", nlohmann::json::array()}};
    for (const auto& message : messages) {
        digest.text += (digest.text.empty() ? "- " : "\n- ") + cap(message.title, 200);
        digest.urgency = std::max(digest.urgency, message.urgency);
        digest.facts["messages"].push_back(event_object(message));
    }
    return digest;
}

Duration time_until(WallTime due, WallTime now) {
    const auto left = std::chrono::ceil<Duration>(due - now);
    return left > longest_life ? Duration::zero() : std::max(left, Duration::zero());
}

} // namespace lab::notify
