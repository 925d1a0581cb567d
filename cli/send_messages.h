// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/notifier.h"

#include <string>
#include <vector>

namespace lab::cli {

/// What became of a message on one channel.
struct Sent {
    std::string channel;
    notify::Fate fate = notify::Fate::delivered;
    std::string reason; ///< why not; one line
};

/// Sends a message by several channels at once, so that none waits for another. A channel that asks
/// for it is tried again while time is left.
/// @param within  all of it, attempts and waits.
/// @return in the order of the channels.
[[nodiscard]] std::vector<Sent> send_to_all(ports::Notifier& notifier,
                                            const std::vector<plan::Channel>& channels,
                                            const notify::Message& message, Duration within);

} // namespace lab::cli
