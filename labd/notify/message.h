// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/json.h"

#include <string>

namespace lab::notify {

enum class Urgency { low, normal, high };

/// What is told, before it is put into the form of a service. Texts are foreign bytes.
struct Message {
    std::string id;     ///< the same for every attempt to send it; 1 to 64 of A-Z, a-z, 0-9, '-'
    std::string thread; ///< the same for messages that belong together; same characters, or empty
    std::string title;
    std::string text;
    std::string link; ///< http or https URL; may be empty
    Urgency urgency = Urgency::normal;
    std::string host; ///< that tells it
    WallTime time;
    /// What it replaces, if anything: messages of a series stand as one, where a service can change
    /// what it shows. Same characters as the id, or empty.
    std::string series = {};
    std::string stands =
        {}; ///< Judgement::shown of the series' last message; empty = there is none
    nlohmann::json facts = nlohmann::json::object(); ///< for programs; not shown to people
};

} // namespace lab::notify
