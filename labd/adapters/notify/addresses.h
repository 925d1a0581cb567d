// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <sys/socket.h>

namespace lab::adapters {

/// Whether an address is one of the public Internet: neither loopback, private, link-local,
/// carrier, documentation, multicast nor reserved. An IPv4 address inside an IPv6 one (mapped,
/// NAT64) counts as itself. Other families are not public.
/// @see RFC 6890 and the IANA registries of special-purpose addresses.
[[nodiscard]] bool is_public(const sockaddr& address);

/// The address as numbers, for example "127.0.0.1" or "::1".
[[nodiscard]] std::string numeric(const sockaddr& address);

} // namespace lab::adapters
