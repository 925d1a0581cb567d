// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/handle.h"

#include <cstdint>
#include <string>

namespace lab::adapters {

/// A connected TCP socket, or why there is none.
struct TcpAttempt {
    FileDescriptor socket;
    std::string failure; ///< cause in words; empty when connected
};

/// One attempt to connect to a server that speaks first, as SSH servers do: done when its first
/// bytes are there. A forwarded port accepts although nobody listens in the guest, hence the wait.
/// @throws Cancelled  when stop was requested.
[[nodiscard]] TcpAttempt connect_to_greeting(const std::string& host, std::uint16_t port,
                                             Duration patience, const std::stop_token& stop);

/// Waits for the first bytes of a server that speaks first, and leaves them there; the cause in
/// words when there are none.
/// @throws Cancelled  when stop was requested.
[[nodiscard]] std::string await_greeting(int descriptor, const Deadline& deadline,
                                         const std::stop_token& stop);

/// Waits until a descriptor is ready for `events` (poll's), the deadline, or the end of a short
/// slice; true when it is ready.
/// @throws Cancelled  when stop was requested.
bool wait_ready(int descriptor, short events, const Deadline& deadline,
                const std::stop_token& stop);

} // namespace lab::adapters
