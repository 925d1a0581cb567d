// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/suts/sut_link.h"

#include <string>
#include <string_view>
#include <vector>

namespace lab::engine {

/// What tells one boot of a machine, and its kernel, from another. Foreign text.
struct SutState {
    std::string boot_id;
    std::string system;   ///< uname -s
    std::string release;  ///< uname -r
    std::string version;  ///< uname -v
    std::string cmdline;  ///< of the kernel that runs; of FreeBSD's only what lab added
    std::string build_id; ///< of that kernel in hex; empty when it has none

    /// The nonce of the boot that lab made; empty when the machine runs its own kernel as it does
    /// by itself.
    [[nodiscard]] std::string nonce() const;
};

/// Asks the machine.
/// @throws Error infra, Cancelled
[[nodiscard]] SutState read_state(SutLink& link, const std::stop_token& stop);

/// The answer of the machine, taken apart. Pure.
/// @throws Error infra  when there is no boot id or no release in it.
[[nodiscard]] SutState state_from(const std::string& name, const std::string& answer);

/// The GNU build id in the bytes of /sys/kernel/notes, given and returned in hex; empty when there
/// is none. Pure.
[[nodiscard]] std::string build_id_in(std::string_view notes);

/// Whether a boot loader can carry the words of a profile. Pure.
/// @throws Error bad_input  for a quote or a control character in them.
void check_cmdline(const std::vector<std::string>& profile);

/// The command line for one boot: that which the machine gives its own kernel, the nonce, a reset
/// after a panic unless somebody says it otherwise, then the words of the profile. Pure.
/// @param current  of the kernel that runs; what an earlier boot of lab added is left out.
/// @throws Error bad_input  as check_cmdline.
[[nodiscard]] std::string one_boot_cmdline(const std::string& current, const std::string& nonce,
                                           const std::vector<std::string>& profile);

} // namespace lab::engine
