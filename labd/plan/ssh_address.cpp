// SPDX-License-Identifier: Apache-2.0
#include "plan/ssh_address.h"

#include <algorithm>

namespace lab::plan {
namespace {

constexpr std::size_t longest_part = 253;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

} // namespace

bool is_ssh_word(std::string_view text) {
    constexpr std::string_view others = ".:%-";
    return !text.empty() && text.size() <= longest_part && is_letter_or_digit(text.front()) &&
           std::all_of(text.begin(), text.end(), [&](char c) {
               return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
           });
}

std::string to_string(const SshAddress& address) {
    auto text = address.user.empty() ? address.host : address.user + "@" + address.host;
    return address.port ? text + ":" + std::to_string(*address.port) : text;
}

} // namespace lab::plan
