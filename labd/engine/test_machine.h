// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "engine/quiet_host.h"
#include "plan/model.h"
#include "ports/guest_session.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>

namespace lab::engine {

/// Whether the same boot, tried once more, may end otherwise.
enum class TryAgain { useful, pointless };

/// A machine that did not come up or went down by itself: an outcome, never an error.
struct BootFailure {
    std::string signature; ///< equal for the same failure on another boot
    std::string text;      ///< one line for people
    TryAgain again = TryAgain::useful;
};

struct BootReady {
    Duration boot_time{};
};

using BootOutcome = std::variant<BootReady, BootFailure>;

/// What surrounds a measurement.
struct Circumstances {
    double host_load = 0; ///< processes that ran or waited on the host, mean of the last minute
    std::string others;   ///< what other instances did: Sample::others
};

/// One boot of a machine that is tested: a virtual one or one reached by SSH. For one thread.
class TestMachine {
public:
    virtual ~TestMachine() = default;

    /// Waits until commands can be run.
    /// @throws Cancelled    when stop was requested.
    /// @throws Error infra  when the host or the connection is at fault.
    [[nodiscard]] virtual BootOutcome wait_ready(const std::stop_token& stop) = 0;

    /// Runs one command as root. A machine that goes down meanwhile is CommandEnd::disconnected,
    /// and failure() tells why.
    [[nodiscard]] virtual ports::CommandResult run(const ports::GuestCommand& command,
                                                   const ports::OutputSink& sink,
                                                   const std::stop_token& stop) = 0;

    /// How the machine went down, once it did.
    [[nodiscard]] virtual std::optional<BootFailure> failure() const = 0;

    /// While the result lives, other instances of the host give way; null where there are none.
    [[nodiscard]] virtual std::unique_ptr<QuietHost::Turn>
    measure_in_quiet(plan::Quiet quiet, const std::stop_token& stop) = 0;

    [[nodiscard]] virtual Circumstances circumstances(plan::Quiet quiet) = 0;

    /// "kvm", "tcg", or "none" for a physical machine.
    [[nodiscard]] virtual std::string accelerator() const = 0;
};

} // namespace lab::engine
