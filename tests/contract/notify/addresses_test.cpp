// SPDX-License-Identifier: Apache-2.0
#include "adapters/notify/addresses.h"

#include <arpa/inet.h>
#include <cstring>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <string>

namespace lab::adapters {
namespace {

sockaddr_storage address_of(const std::string& text) {
    sockaddr_storage storage{};
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        std::memcpy(&storage, &v4, sizeof v4);
    } else if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        std::memcpy(&storage, &v6, sizeof v6);
    } else {
        ADD_FAILURE() << text;
    }
    return storage;
}

const sockaddr& general(const sockaddr_storage& storage) {
    return *static_cast<const sockaddr*>(static_cast<const void*>(&storage));
}

TEST(Addresses, OfTheInternetArePublic) {
    for (const auto* text :
         {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.0.1",
          "172.32.0.1", "192.167.0.1", "223.255.255.255", "2606:4700::1111", "2001:4860::8888",
          "::ffff:8.8.8.8", "64:ff9b::808:808"}) {
        EXPECT_TRUE(is_public(general(address_of(text)))) << text;
        EXPECT_EQ(numeric(general(address_of(text))), text);
    }
}

TEST(Addresses, OfAnythingElseAreNot) {
    for (const auto* text :
         {"0.0.0.0",         "10.1.2.3",        "100.64.0.1",   "127.0.0.1",
          "127.255.255.255", "169.254.169.254", "172.16.0.1",   "172.31.9.9",
          "192.168.1.1",     "198.18.0.1",      "203.0.113.9",  "224.0.0.1",
          "240.0.0.1",       "255.255.255.255", "::",           "::1",
          "fe80::1",         "fc00::1",         "fd12::1",      "ff02::1",
          "2001::1",         "2001:db8::1",     "2002::1",      "::ffff:127.0.0.1",
          "::127.0.0.1",     "64:ff9b::a00:1",  "64:ff9b:1::1", "3fff::1"}) {
        EXPECT_FALSE(is_public(general(address_of(text)))) << text;
    }
}

TEST(Addresses, OfAnotherFamilyAreNotPublic) {
    sockaddr_storage storage{};
    storage.ss_family = AF_UNIX;

    EXPECT_FALSE(is_public(general(storage)));
}

} // namespace
} // namespace lab::adapters
