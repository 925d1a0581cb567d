// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/steps/fingerprint.h"
#include "ports/guest_session.h"
#include "ports/sut_store.h"

#include <string>
#include <vector>

namespace lab::engine {

enum class SutUse { free, leased, quarantined };

[[nodiscard]] const char* to_string(SutUse use) noexcept;

/// A machine by SSH as lists show it.
struct SutStatus {
    ports::Sut sut;
    SutUse use = SutUse::free;
};

/// Machines that are not the lab's own and are reached by SSH. Thread-safe. Unknown names are
/// not_found Errors.
class SutService {
public:
    virtual ~SutService() = default;

    /// By name.
    [[nodiscard]] virtual std::vector<SutStatus> suts() = 0;

    /// The host key that the machine shows, for somebody to look at.
    /// @throws Error infra  when it does not answer.
    [[nodiscard]] virtual ports::HostKey host_key(const plan::SshAddress& address) = 0;

    /// Logs in with the host key that `sut` has, and keeps the machine.
    /// @throws Error bad_input, conflict  for a name that is not allowed or is taken.
    /// @throws Error infra                when nobody may log in or act as root there.
    virtual void add(const ports::Sut& sut) = 0;

    /// Asks the machine what it is.
    /// @throws Error conflict  while a job uses it.
    [[nodiscard]] virtual Fingerprint fingerprint(const std::string& name) = 0;

    /// Forgets the machine; nothing is changed on it.
    /// @throws Error conflict  while a job uses it.
    virtual void remove(const std::string& name) = 0;

    /// Ends its quarantine.
    /// @throws Error conflict  when there is none.
    virtual void release(const std::string& name) = 0;
};

} // namespace lab::engine
