// SPDX-License-Identifier: Apache-2.0
#include "engine/suts/sut_driver.h"

#include "base/error.h"
#include "base/files.h"
#include "base/ids.h"
#include "base/lasting_error.h"
#include "base/process.h"
#include "base/text.h"
#include "engine/suts/boot_scripts.h"
#include "engine/suts/sut_console.h"
#include "engine/suts/system_scripts.h"

#include <algorithm>

namespace lab::engine {
namespace {

constexpr Duration connect_timeout = std::chrono::seconds(60);
constexpr Duration attempt_timeout = std::chrono::seconds(15);
constexpr Duration pause_between = std::chrono::seconds(1);
constexpr Duration power_timeout = std::chrono::minutes(2);
constexpr std::size_t longest_version = 64; // of utsname

} // namespace

std::string lock_of_sut(const std::string& name) {
    return "sut/" + name;
}

namespace {

/// Takes the machine; who has to wait says so.
KeyLocks::Guard take(Workshop& shop, JobContext& job, const std::string& name,
                     const std::stop_token& stop) {
    if (shop.locks.is_held(lock_of_sut(name))) {
        job.phase("waiting for " + name + ", which another job uses");
    }
    return shop.locks.lock(lock_of_sut(name), stop);
}

} // namespace

/// One boot and what is run in it.
class SutDriver::Boot final : public TestMachine {
public:
    Boot(SutDriver& driver, SutKernel kernel) : driver_(driver), kernel_(std::move(kernel)) {}

    BootOutcome wait_ready(const std::stop_token& stop) override {
        driver_.require_usable();
        driver_.connect(stop);
        console_ = std::make_unique<SutConsole>(driver_.job_.log(), driver_.sut_.name,
                                                driver_.sut_.console);
        if (auto reason = begin(stop)) {
            return BootFailure{"not booted", driver_.sut_.name + ": " + *std::move(reason),
                               TryAgain::pointless};
        }
        const auto started = std::chrono::steady_clock::now();
        const auto state = driver_.await_boot(before_.boot_id, stop);
        if (!state) {
            return with_crash(driver_.rescue("after the boot", stop));
        }
        if (auto failure = judge(*state, stop)) {
            return *std::move(failure);
        }
        boot_id_ = state->boot_id;
        driver_.job_.phase(driver_.sut_.name + ": runs " +
                           cap(escape_for_terminal(state->release), 100) +
                           (state->build_id.empty() ? "" : ", build id " + state->build_id));
        return BootReady{
            std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started)};
    }

    ports::CommandResult run(const ports::GuestCommand& command, const ports::OutputSink& sink,
                             const std::stop_token& stop) override {
        auto result = driver_.link_.run(command, sink, stop);
        const bool failed = result.end == ports::CommandEnd::exited && result.exit_code != 0;
        // A machine that shuts down ends its commands before its connections.
        if (failed && is_going_down(stop)) {
            result.end = ports::CommandEnd::disconnected;
        }
        if (result.end == ports::CommandEnd::disconnected) {
            find_out(stop);
        }
        return result;
    }

    std::optional<BootFailure> failure() const override { return failure_; }

    std::unique_ptr<QuietHost::Turn> measure_in_quiet(plan::Quiet /*quiet*/,
                                                      const std::stop_token& /*stop*/) override {
        return nullptr;
    }

    Circumstances circumstances(plan::Quiet /*quiet*/) override {
        const auto answer =
            driver_.link_.run({"cat /proc/loadavg", {}, connect_timeout}, nullptr, {});
        return {std::max(0.0, std::strtod(answer.output.c_str(), nullptr)), "none"};
    }

    std::string accelerator() const override { return "none"; }

private:
    /// Starts the machine anew; a reason when that kernel cannot be started there.
    std::optional<std::string> begin(const std::stop_token& stop) {
        before_ = read_state(driver_.link_, stop);
        if (kernel_.files) {
            if (auto reason = put_kernel(stop)) {
                return reason;
            }
        } else if (kernel_.cmdline.empty()) {
            driver_.start_own_kernel(stop);
            return std::nullopt;
        } else if (!before_.nonce().empty()) {
            driver_.restore(stop);
            before_ = read_state(driver_.link_, stop);
        }
        return boot_once(stop);
    }

    std::optional<std::string> put_kernel(const std::stop_token& stop) {
        driver_.job_.phase(driver_.sut_.name + ": putting the kernel there");
        const TemporaryDirectory scratch(driver_.shop_.deps.state_dir / "i", "");
        auto deployment =
            deploy(driver_.link_, before_.system, *kernel_.files, scratch.path(), sink(), stop);
        if (auto* cannot = std::get_if<Undeployable>(&deployment)) {
            return std::move(cannot->reason);
        }
        deployed_ = std::get<DeployedKernel>(std::move(deployment));
        return std::nullopt;
    }

    std::optional<std::string> boot_once(const std::stop_token& stop) {
        nonce_ = random_hex(16);
        const auto cmdline = one_boot_cmdline(before_.cmdline, nonce_, kernel_.cmdline);
        std::string method;
        if (kernel_.boot_once) {
            if (auto reason = boot_by_recipe(*kernel_.boot_once, cmdline, stop)) {
                return reason;
            }
            method = kernel_.boot_once->path;
        } else {
            const auto* scripts = scripts_of(before_.system);
            if (scripts == nullptr) {
                return not_bootable_text(before_.system);
            }
            const auto answer =
                driver_.link_.run_script({{"boot once", scripts->boot_once},
                                          {{"LAB_KEY", deployed_.key}, {"LAB_CMDLINE", cmdline}}},
                                         sink(), stop);
            if (auto reason = line_of(answer, "refused")) {
                return cap(escape_for_terminal(*reason), 500);
            }
            method = line_of(answer, "method").value_or("?");
        }
        driver_.job_.phase(driver_.sut_.name + ": booting " +
                           (deployed_.release.empty() ? "the kernel" : deployed_.release) +
                           " once, by " + method);
        return std::nullopt;
    }

    /// The template's own commands choose the kernel, lab starts the machine anew.
    std::optional<std::string> boot_by_recipe(const plan::TemplateFile& recipe,
                                              const std::string& cmdline,
                                              const std::stop_token& stop) {
        const auto place = "/boot/lab/" + deployed_.key;
        const GuestScript script{recipe,
                                 {{"LAB_KERNEL", place + "/vmlinuz"},
                                  {"LAB_INITRD", place + "/initrd.img"},
                                  {"LAB_RELEASE", deployed_.release},
                                  {"LAB_CMDLINE", cmdline}}};
        const auto result = driver_.link_.run(command_of(script), sink(), stop);
        if (result.end == ports::CommandEnd::exited && result.exit_code == 0) {
            driver_.restart(stop);
            return std::nullopt;
        }
        const auto trouble = trouble_on(driver_.sut_.name, recipe.path, result);
        if (result.end == ports::CommandEnd::disconnected) {
            throw trouble;
        }
        return std::string(trouble.what());
    }

    /// What does not hold of a machine that answers again.
    std::optional<BootFailure> judge(const SutState& state, const std::stop_token& stop) {
        const auto& name = driver_.sut_.name;
        const auto release = cap(escape_for_terminal(state.release), 100);
        if (nonce_.empty() && !state.nonce().empty()) {
            return BootFailure{"not its own kernel",
                               name + ": started a kernel of lab's again, which was for one boot",
                               TryAgain::pointless};
        }
        if (state.nonce() != nonce_) {
            return with_crash(
                {"its own kernel came back",
                 name + ": the kernel did not come up; the machine is back with " + release});
        }
        const bool other_release = !deployed_.release.empty() && deployed_.release != state.release;
        const bool other_version = !deployed_.version.empty() &&
                                   deployed_.version.substr(0, longest_version) != state.version;
        if (other_release || other_version) {
            return BootFailure{"another kernel",
                               name + ": runs " + release + " " +
                                   cap(escape_for_terminal(state.version), 100) + ", not " +
                                   deployed_.release + " " + deployed_.version,
                               TryAgain::pointless};
        }
        return other_build(state, stop);
    }

    std::optional<BootFailure> other_build(const SutState& state, const std::stop_token& stop) {
        if (deployed_.key.empty()) {
            return std::nullopt;
        }
        const auto answer = driver_.link_.run_script(
            {{"know the kernel", know_kernel_script},
             {{"LAB_KEY", deployed_.key}, {"LAB_BUILD_ID", state.build_id}}},
            nullptr, stop);
        if (const auto other = line_of(answer, "other")) {
            return BootFailure{"another kernel",
                               driver_.sut_.name + ": has other " +
                                   cap(escape_for_terminal(*other), 200),
                               TryAgain::pointless};
        }
        return std::nullopt;
    }

    /// The connection broke: whether it was that, or the machine.
    void find_out(const std::stop_token& stop) {
        const auto& name = driver_.sut_.name;
        auto state = driver_.await_boot("", stop);
        if (state && state->boot_id == boot_id_ && is_going_down(stop)) {
            state = driver_.await_boot(boot_id_, stop);
        }
        if (!state) {
            failure_ = with_crash(driver_.rescue("when the connection broke", stop));
        } else if (state->boot_id == boot_id_) {
            throw Error(ErrorCode::infra, name + ": the connection broke while the machine ran on");
        } else {
            failure_ = with_crash({rebooted_by_itself, name + ": rebooted by itself"});
        }
    }

    /// Whether the machine says that it stops, or says nothing any more.
    [[nodiscard]] bool is_going_down(const std::stop_token& stop) {
        const auto answer = driver_.link_.run(
            {"systemctl is-system-running 2>/dev/null", {}, attempt_timeout}, nullptr, stop);
        return answer.end != ports::CommandEnd::exited || trim(answer.output) == "stopping";
    }

    /// With what the console shows.
    [[nodiscard]] BootFailure with_crash(BootFailure failure) const {
        if (const auto crash = console_->crash()) {
            failure.signature = crash->signature;
            failure.text += ": " + cap(crash->line, 300);
        }
        return failure;
    }

    [[nodiscard]] ports::OutputSink sink() const {
        return [this](std::string_view bytes) {
            driver_.log_.write(bytes);
        };
    }

    SutDriver& driver_;
    const SutKernel kernel_;
    std::unique_ptr<SutConsole> console_;
    SutState before_;
    DeployedKernel deployed_;
    std::string nonce_;
    std::string boot_id_;
    std::optional<BootFailure> failure_;
};

SutDriver::SutDriver(Workshop& shop, JobContext& job, ports::Sut sut, const std::stop_token& stop)
    : shop_(shop), job_(job), sut_(std::move(sut)), guard_(take(shop, job, sut_.name, stop)),
      log_(job.log(), "sut " + sut_.name), link_(shop.deps.sessions, sut_) {
    require_usable();
}

SutDriver::~SutDriver() = default;

std::unique_ptr<TestMachine> SutDriver::boot(SutKernel kernel) {
    return std::make_unique<Boot>(*this, std::move(kernel));
}

void SutDriver::require_usable() const {
    const auto stored = ports::find_sut(shop_.deps.suts, sut_.name);
    if (stored && !stored->quarantine.empty()) {
        throw LastingError(sut_.name + ": is quarantined: " + stored->quarantine,
                           "when it is well again: lab sut release " + sut_.name);
    }
}

void SutDriver::connect(const std::stop_token& stop) {
    try {
        link_.open(connect_timeout, stop);
    } catch (const ports::NoAnswer& none) {
        if (sut_.power_cycle.empty()) {
            throw;
        }
        job_.warn(none.what());
        if (!power_cycle(stop) || !await_boot("", stop)) {
            static_cast<void>(
                quarantine("no SSH answer, also after its power was switched off and on"));
            require_usable();
            throw;
        }
    }
}

std::optional<SutState> SutDriver::await_boot(const std::string& old_boot,
                                              const std::stop_token& stop) {
    const auto deadline = Deadline::in(sut_.boot_timeout);
    last_trouble_.clear();
    while (!deadline.passed()) {
        try {
            link_.open(std::min(attempt_timeout, deadline.left()), stop);
            auto state = read_state(link_, stop);
            if (state.boot_id != old_boot) {
                return state;
            }
            last_trouble_ = "it did not go down";
        } catch (const Error& error) {
            last_trouble_ = error.what();
        }
        link_.close();
        sleep_for(std::min(pause_between, deadline.left()), stop);
    }
    return std::nullopt;
}

bool SutDriver::power_cycle(const std::stop_token& stop) {
    if (sut_.power_cycle.empty()) {
        return false;
    }
    job_.phase(sut_.name + ": switching its power off and on");
    ProcessSpec process;
    process.argv = sut_.power_cycle;
    process.timeout = power_timeout;
    process.leftovers = Leftovers::keep; // it may be a machine of this host that it starts
    process.on_output = [this](std::string_view bytes) {
        log_.write(bytes);
    };
    try {
        const auto result = run_process(process, stop);
        if (!result.timed_out && result.exit_code == 0) {
            return true;
        }
        job_.warn(sut_.name + ": the power-cycle command failed: " +
                  (result.timed_out ? "no end within " + format_duration(power_timeout)
                                    : "exit code " + std::to_string(result.exit_code)));
    } catch (const Error& error) {
        job_.warn(sut_.name + ": " + error.what());
    }
    return false;
}

BootFailure SutDriver::rescue(const std::string& when, const std::stop_token& stop) {
    auto what = sut_.name + ": no answer within " + format_duration(sut_.boot_timeout) + " " + when;
    if (!last_trouble_.empty()) {
        what += " (" + cap(last_trouble_, 300) + ")";
    }
    if (power_cycle(stop) && await_boot("", stop)) {
        return {"no answer", what + "; its power was switched off and on"};
    }
    if (quarantine(what)) {
        what += "; it is quarantined now";
    }
    return {"no answer", what, TryAgain::pointless};
}

bool SutDriver::quarantine(const std::string& reason) {
    auto stored = ports::find_sut(shop_.deps.suts, sut_.name);
    if (!stored) {
        return false;
    }
    stored->quarantine = cap(escape_for_terminal(reason), 500);
    shop_.deps.suts.put_sut(*stored);
    const auto text = sut_.name + ": is quarantined: " + stored->quarantine;
    job_.warn(text);
    job_.tell(notify::Moment::sut_quarantined, text);
    return true;
}

void SutDriver::start_own_kernel(const std::stop_token& stop) {
    static_cast<void>(
        link_.run_script({{"forget the kernel", forget_choice_script}, {}}, nullptr, stop));
    restart(stop);
}

void SutDriver::restart(const std::stop_token& stop) {
    static_cast<void>(link_.run_script({{"start anew", restart_script}, {}}, nullptr, stop));
}

void SutDriver::restore(const std::stop_token& stop) {
    try {
        require_usable();
        connect(stop);
        const auto before = read_state(link_, stop);
        if (before.nonce().empty()) {
            return;
        }
        job_.phase(sut_.name + ": going back to its own kernel");
        start_own_kernel(stop);
        const auto state = await_boot(before.boot_id, stop);
        if (!state || !state->nonce().empty()) {
            static_cast<void>(rescue("on the way back to its own kernel", stop));
        }
    } catch (const Error& error) {
        job_.warn(error.what());
    }
}

} // namespace lab::engine
