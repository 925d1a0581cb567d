// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lab::adapters {

/// What QEMU calls the network that ports are forwarded into.
inline constexpr std::string_view netdev_name = "hostnet0";

/// Sends one line to QEMU's human monitor and returns its reply.
using Monitor = std::function<std::string(const std::string& command)>;

/// Host port on 127.0.0.1 that leads to the guest's TCP port, as `info usernet` shows it.
[[nodiscard]] std::optional<std::uint16_t> forwarded_port(std::string_view usernet,
                                                          std::uint16_t guest_port);

/// The forward that is there, or a new one whose host port the kernel picks.
/// @throws Error infra  when QEMU refuses, for example for an instance without a network.
[[nodiscard]] std::uint16_t forward_by_monitor(const Monitor& monitor, const std::string& instance,
                                               std::uint16_t guest_port);

} // namespace lab::adapters
