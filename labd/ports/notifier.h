// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "notify/message.h"
#include "notify/retry.h"
#include "plan/notifications.h"

#include <stop_token>
#include <string>

namespace lab::ports {

/// How long one attempt may last.
struct Patience {
    Duration timeout = std::chrono::seconds(15);
    std::stop_token stop = {};
};

/// Sends messages by the services that lab.yaml names. Thread-safe.
class Notifier {
public:
    virtual ~Notifier() = default;

    /// What send() would send, for people: secrets are read and checked, and masked in the text.
    /// @throws Error bad_input, not_found  for a secret that is missing or that others may read.
    [[nodiscard]] virtual std::string preview(const plan::Channel& channel,
                                              const notify::Message& message) = 0;

    /// One attempt to send, over within its timeout. What the service or the network does is in the
    /// judgement. Neither its reason nor an error holds a secret.
    /// @throws Error bad_input, not_found  as preview(), and for a program that is not there.
    /// @throws Error infra                 when this host cannot even try.
    /// @throws Cancelled                   when stop was requested.
    [[nodiscard]] virtual notify::Judgement send(const plan::Channel& channel,
                                                 const notify::Message& message,
                                                 const Patience& patience) = 0;
};

} // namespace lab::ports
