// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/guest_session.h"

#include <filesystem>
#include <memory>

namespace lab::adapters {

/// Session with the POSIX-like shell that a guest runs on its serial console, by the console's unix
/// socket. Needs no network and no SSH in the guest.
///
/// For a command the host types `echo LAB-BEGIN <nonce>; sh -c '<command>'; echo LAB-END <nonce>
/// $?` and takes the lines in between, without CR, as the output. Echo of the typed text and kernel
/// messages outside these marks do no harm. Long commands are typed in parts, because terminals in
/// line mode take 4095 bytes a line.
/// The socket is connected only while a command runs: QEMU serves one client, and a client that
/// does not read would stop the guest's console.
/// A command may have 8 KiB and no control characters but tabs; it gets no standard input (both are
/// Errors bad_input).
/// @throws Error infra  when the shell does not answer within `timeout`.
/// @throws Cancelled    when stop was requested.
[[nodiscard]] std::unique_ptr<ports::GuestSession>
open_console_session(const std::filesystem::path& socket, const Timeout& timeout,
                     const std::stop_token& stop);

} // namespace lab::adapters
