// SPDX-License-Identifier: Apache-2.0
#include "adapters/notify/addresses.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>

namespace lab::adapters {
namespace {

using Ipv6 = std::array<std::uint8_t, 16>;

struct Block4 {
    std::uint32_t first;
    unsigned length; ///< of the prefix, in bits
};

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c) {
    return a << 24U | b << 16U | c << 8U;
}

bool is_public4(std::uint32_t address) {
    static constexpr std::array<Block4, 15> special{{{v4(0, 0, 0), 8},
                                                     {v4(10, 0, 0), 8},
                                                     {v4(100, 64, 0), 10},
                                                     {v4(127, 0, 0), 8},
                                                     {v4(169, 254, 0), 16},
                                                     {v4(172, 16, 0), 12},
                                                     {v4(192, 0, 0), 24},
                                                     {v4(192, 0, 2), 24},
                                                     {v4(192, 88, 99), 24},
                                                     {v4(192, 168, 0), 16},
                                                     {v4(198, 18, 0), 15},
                                                     {v4(198, 51, 100), 24},
                                                     {v4(203, 0, 113), 24},
                                                     {v4(224, 0, 0), 4},
                                                     {v4(240, 0, 0), 4}}};
    return std::none_of(special.begin(), special.end(), [&](const Block4& block) {
        return (address ^ block.first) >> (32 - block.length) == 0;
    });
}

bool starts_with(const Ipv6& address, std::initializer_list<std::uint8_t> prefix) {
    return std::equal(prefix.begin(), prefix.end(), address.begin());
}

std::uint32_t last_four(const Ipv6& address) {
    return static_cast<std::uint32_t>(address[12]) << 24U |
           static_cast<std::uint32_t>(address[13]) << 16U |
           static_cast<std::uint32_t>(address[14]) << 8U | address[15];
}

bool is_public6(const Ipv6& address) {
    const bool mapped = starts_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF});
    const bool nat64 = starts_with(address, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0});
    if (mapped || nat64) {
        return is_public4(last_four(address));
    }
    const bool global_unicast = (address[0] & 0xE0U) == 0x20U;
    const bool protocols = starts_with(address, {0x20, 0x01}) && address[2] < 2; // Teredo too
    const bool documentation = starts_with(address, {0x20, 0x01, 0x0D, 0xB8}) ||
                               (starts_with(address, {0x3F, 0xFF}) && address[2] < 0x10);
    const bool six_to_four = starts_with(address, {0x20, 0x02});
    return global_unicast && !protocols && !documentation && !six_to_four;
}

} // namespace

bool is_public(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, &address, sizeof in);
        return is_public4(ntohl(in.sin_addr.s_addr));
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 in{};
        std::memcpy(&in, &address, sizeof in);
        Ipv6 bytes{};
        std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
        return is_public6(bytes);
    }
    return false;
}

std::string numeric(const sockaddr& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const char* answer = nullptr;
    if (address.sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, &address, sizeof in);
        answer = ::inet_ntop(AF_INET, &in.sin_addr, text.data(), text.size());
    } else if (address.sa_family == AF_INET6) {
        sockaddr_in6 in{};
        std::memcpy(&in, &address, sizeof in);
        answer = ::inet_ntop(AF_INET6, &in.sin6_addr, text.data(), text.size());
    }
    return answer == nullptr ? "unknown" : answer;
}

} // namespace lab::adapters
