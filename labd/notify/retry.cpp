// SPDX-License-Identifier: Apache-2.0
#include "notify/retry.h"

#include "base/json.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <string_view>

namespace lab::notify {
namespace {

constexpr double longest_wait = 86400; // seconds

using Json = nlohmann::json;

std::optional<Duration> wait_of(double seconds) {
    if (!std::isfinite(seconds)) {
        return std::nullopt;
    }
    const auto bounded = std::clamp(seconds, 0.0, longest_wait);
    return Duration(static_cast<std::int64_t>(std::ceil(bounded * 1000)));
}

std::optional<double> number_at(const Json& json, const char* key) {
    if (!json.is_object() || !json.contains(key) || !json[key].is_number()) {
        return std::nullopt;
    }
    return json[key].get<double>();
}

/// The wait that a body names, in the three ways of the services that do.
std::optional<Duration> wait_in(const Json& body) {
    if (const auto milliseconds = number_at(body, "retry_after_ms")) {
        return wait_of(*milliseconds / 1000);
    }
    if (const auto seconds = number_at(body, "retry_after")) {
        return wait_of(*seconds);
    }
    const bool nested = body.is_object() && body.contains("parameters");
    const auto seconds = nested ? number_at(body["parameters"], "retry_after") : std::nullopt;
    return seconds ? wait_of(*seconds) : std::nullopt;
}

bool may_succeed_later(long status) {
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

std::string reason_of(const Answer& answer) {
    auto text = "HTTP " + std::to_string(answer.status);
    if (answer.status >= 300 && answer.status < 400) {
        return text + ": redirects are not followed";
    }
    const auto body = cap(escape_for_terminal(trim(answer.body)), 200);
    const auto line = body.substr(0, body.find('\n'));
    return line.empty() ? text : text + ": " + line;
}

/// Slack's API answers 200 to everything; "ok" tells.
std::optional<Judgement> slack_trouble(const Json& body, const std::optional<Duration>& after) {
    if (!body.is_object() || body.value("ok", Json()) != Json(false)) {
        return std::nullopt;
    }
    const auto& error = body.contains("error") && body["error"].is_string()
                            ? body["error"].get_ref<const std::string&>()
                            : std::string();
    static constexpr std::array passing{"ratelimited", "rate_limited",        "internal_error",
                                        "fatal_error", "service_unavailable", "request_timeout"};
    const bool later = std::find(passing.begin(), passing.end(), error) != passing.end();
    return Judgement{later ? Fate::retry : Fate::refused, later ? after : std::nullopt,
                     "Slack says: " + cap(escape_for_terminal(error), 100)};
}

std::string word_at(const Json& body, const char* key) {
    if (!body.is_object() || !body.contains(key)) {
        return {};
    }
    const auto& value = body[key];
    return value.is_string()           ? value.get<std::string>()
           : value.is_number_integer() ? std::to_string(value.get<std::int64_t>())
                                       : std::string();
}

/// What the services that can change a message call it.
std::string shown_as(plan::ChannelType type, const Json& body) {
    std::string name;
    if (type == plan::ChannelType::slack_bot) {
        const auto time = word_at(body, "ts");
        name = time.empty() ? "" : word_at(body, "channel") + "/" + time;
    } else if (type == plan::ChannelType::discord) {
        name = word_at(body, "id");
    } else if (type == plan::ChannelType::telegram && body.is_object() && body.contains("result")) {
        name = word_at(body["result"], "message_id");
    } else if (type == plan::ChannelType::matrix) {
        name = word_at(body, "event_id");
    }
    static constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:$!@=+/";
    const bool fine = name.size() <= 200 && name.find_first_not_of(allowed) == std::string::npos;
    return fine ? name : std::string();
}

} // namespace

Judgement judge(plan::ChannelType type, const Answer& answer, WallTime now) {
    const auto body = Json::parse(answer.body, nullptr, false);
    auto after = parse_retry_after(answer.retry_after, now);
    if (!after) {
        after = wait_in(body);
    }
    if (answer.status >= 200 && answer.status < 300) {
        if (type == plan::ChannelType::slack_bot) {
            if (auto trouble = slack_trouble(body, after)) {
                return *trouble;
            }
        }
        Judgement delivered;
        delivered.shown = shown_as(type, body);
        return delivered;
    }
    if (may_succeed_later(answer.status)) {
        return {Fate::retry, after, reason_of(answer)};
    }
    return {Fate::refused, std::nullopt, reason_of(answer)};
}

std::optional<Duration> parse_retry_after(std::string_view text, WallTime now) {
    const std::string value(trim(text));
    double seconds = 0;
    const auto* const end = value.data() + value.size();
    const auto result = std::from_chars(value.data(), end, seconds, std::chars_format::fixed);
    if (!value.empty() && result.ec == std::errc{} && result.ptr == end) {
        return wait_of(seconds);
    }
    std::tm parts{};
    const char* const rest = ::strptime(value.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (rest == nullptr || *rest != '\0') {
        return std::nullopt;
    }
    const auto then = std::chrono::system_clock::from_time_t(::timegm(&parts));
    return wait_of(std::chrono::duration<double>(then - now).count());
}

Duration backoff(unsigned attempts, double chance) {
    const auto exponent = std::min(attempts - std::min(attempts, 1U), 10U);
    const auto seconds = std::min(600.0, std::ldexp(1.0, static_cast<int>(exponent)));
    return Duration(static_cast<std::int64_t>(seconds * 1000 * (0.5 + chance / 2)));
}

} // namespace lab::notify
