// SPDX-License-Identifier: Apache-2.0
#include "adapters/libvirt/port_forward.h"

#include "base/error.h"
#include "base/text.h"

#include <sstream>

namespace lab::adapters {

std::optional<std::uint16_t> forwarded_port(std::string_view usernet, std::uint16_t guest_port) {
    for (const auto& line : split(usernet, '\n')) {
        // TCP[HOST_FORWARD]  fd  127.0.0.1 <host port>  10.0.2.15 <guest port>  0 0
        std::istringstream words(line);
        std::string kind;
        std::string host;
        std::string guest;
        int descriptor = 0;
        std::uint16_t from = 0;
        std::uint16_t to = 0;
        words >> kind >> descriptor >> host >> from >> guest >> to;
        if (words && kind == "TCP[HOST_FORWARD]" && host == "127.0.0.1" && to == guest_port) {
            return from;
        }
    }
    return std::nullopt;
}

std::uint16_t forward_by_monitor(const Monitor& monitor, const std::string& instance,
                                 std::uint16_t guest_port) {
    if (const auto port = forwarded_port(monitor("info usernet"), guest_port)) {
        return *port;
    }
    const auto reply = monitor("hostfwd_add " + std::string(netdev_name) +
                               " tcp:127.0.0.1:0-:" + std::to_string(guest_port));
    const auto port = forwarded_port(monitor("info usernet"), guest_port);
    if (!port) {
        throw Error(ErrorCode::infra, instance + ": cannot forward port " +
                                          std::to_string(guest_port) + ": " +
                                          cap(escape_for_terminal(trim(reply)), 500));
    }
    return *port;
}

} // namespace lab::adapters
