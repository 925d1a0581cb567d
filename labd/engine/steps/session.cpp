// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/session.h"

#include "base/error.h"
#include "base/ids.h"
#include "base/text.h"
#include "engine/command_end.h"
#include "engine/stopwatch.h"
#include "plan/benchmark_run.h"

namespace lab::engine {
namespace {

constexpr Duration command_timeout = std::chrono::minutes(10);
constexpr Duration settings_timeout = std::chrono::minutes(5);
constexpr Bytes output_limit{65536};

class SessionRun {
public:
    SessionRun(Workshop& shop, JobContext& job, const SessionRequest& request)
        : shop_(shop), job_(job), request_(request), log_(job.log(), "test " + request.target) {}

    SessionOutcome run(const std::stop_token& stop) {
        const auto machine = start(stop);
        const auto started = std::chrono::steady_clock::now();
        outcome_.session = new_uuid();
        outcome_.start = format_time(std::chrono::system_clock::now());
        outcome_.accelerator = machine->accelerator();
        auto boot = machine->wait_ready(stop);
        if (const auto* failure = std::get_if<BootFailure>(&boot)) {
            outcome_.failed_run = 1;
            outcome_.result = WentDown{failure->signature, failure->text, failure->again};
        } else {
            outcome_.boot_seconds =
                std::chrono::duration<double>(std::get<BootReady>(boot).boot_time).count();
            outcome_.result = check(*machine, stop);
        }
        outcome_.seconds = seconds_since(started);
        return std::move(outcome_);
    }

private:
    std::unique_ptr<TestMachine> start(const std::stop_token& stop) {
        if (const auto* sut = std::get_if<SutToBoot>(&request_.machine)) {
            job_.phase("test " + request_.target + ": booting");
            auto kernel = sut->kernel;
            if (request_.settings) {
                kernel.cmdline = request_.settings->cmdline;
            }
            return sut->driver->boot(std::move(kernel));
        }
        return start_vm(std::get<VmToBoot>(request_.machine), stop);
    }

    std::unique_ptr<TestMachine> start_vm(const VmToBoot& what, const std::stop_token& stop) {
        MachineRequest machine;
        machine.name = what.vm.name;
        machine.machine = what.machine;
        machine.cpus = what.vm.cpus;
        machine.memory = what.vm.memory;
        machine.extra_cmdline = what.vm.cmdline;
        if (request_.settings) {
            for (const auto& word : request_.settings->cmdline) {
                machine.extra_cmdline += (machine.extra_cmdline.empty() ? "" : " ") + word;
            }
        }
        machine.root = what.install;
        machine.kernel_from = what.install;
        machine.priority = request_.priority;
        if (const auto* benchmark = std::get_if<plan::Benchmark>(&request_.check)) {
            machine.clock = benchmark->clock;
        }
        auto share = reserve(shop_, machine, stop);
        job_.phase("test " + request_.target + ": booting");
        return std::make_unique<Instance>(shop_.deps, shop_.quiet, std::move(machine),
                                          make_instance_directory(shop_.deps), std::move(share));
    }

    SessionResult check(TestMachine& machine, const std::stop_token& stop) {
        if (const auto* command = std::get_if<std::string>(&request_.check)) {
            return run_command(machine, *command, stop);
        }
        return run_benchmark(machine, std::get<plan::Benchmark>(request_.check), stop);
    }

    ports::CommandResult run(TestMachine& machine, const ports::GuestCommand& command,
                             const std::stop_token& stop) {
        return machine.run(
            command, [this](std::string_view bytes) { log_.write(bytes); }, stop);
    }

    /// The guest's end as an outcome, when it did not just exit.
    static std::optional<WentDown> trouble(TestMachine& machine, const ports::CommandResult& result,
                                           Duration timeout) {
        if (result.end == ports::CommandEnd::timed_out) {
            return WentDown{"check timed out", "no end within " + format_duration(timeout)};
        }
        if (result.end == ports::CommandEnd::exited) {
            return std::nullopt;
        }
        if (const auto failure = machine.failure()) {
            return WentDown{failure->signature, failure->text + " (while it was tested)",
                            failure->again};
        }
        throw Error(ErrorCode::infra, "session with the guest: connection lost");
    }

    SessionResult run_command(TestMachine& machine, const std::string& command,
                              const std::stop_token& stop) {
        job_.phase("test " + request_.target + ": running the command");
        ports::GuestCommand guest{command, {}, command_timeout, output_limit};
        const auto result = run(machine, guest, stop);
        if (auto down = trouble(machine, result, command_timeout)) {
            return *down;
        }
        return CommandEnded{result.exit_code, to_valid_utf8(result.output)};
    }

    SessionResult run_benchmark(TestMachine& machine, const plan::Benchmark& benchmark,
                                const std::stop_token& stop) {
        if (auto problem = prepare(machine, stop)) {
            outcome_.failed_run = 1;
            return CheckFailed{*std::move(problem)};
        }
        job_.phase("test " + request_.target + ": measuring " + benchmark.id());
        Sample sample;
        sample.session = outcome_.session;
        sample.accelerator = outcome_.accelerator;
        const ports::GuestCommand guest{
            plan::run_text(benchmark), {}, benchmark.timeout, output_limit};
        const auto turn = machine.measure_in_quiet(benchmark.quiet, stop);
        for (unsigned i = 0; i < benchmark.warmups + benchmark.repeats; ++i) {
            outcome_.failed_run = i + 1;
            plan::PrintedValues printed(benchmark);
            const auto result = machine.run(
                guest,
                [&](std::string_view bytes) {
                    log_.write(bytes);
                    printed.feed(bytes);
                },
                stop);
            if (auto down = trouble(machine, result, benchmark.timeout)) {
                return *down;
            }
            const auto metrics = read_metrics(benchmark, result, printed);
            if (!metrics) {
                return CheckFailed{metrics.error()};
            }
            if (i < benchmark.warmups) {
                continue;
            }
            sample.sequence = i - benchmark.warmups + 1;
            note_circumstances(machine, benchmark.quiet, sample);
            for (const auto& metric : *metrics) {
                sample.metric = metric;
                outcome_.before.push_back(sample);
            }
        }
        outcome_.failed_run = 0;
        return SamplesTaken{std::exchange(outcome_.before, {})};
    }

    /// Makes the machine what the profile says; a reason when it cannot be.
    std::optional<std::string> prepare(TestMachine& machine, const std::stop_token& stop) {
        if (!request_.settings) {
            return std::nullopt;
        }
        // What is only asked for is not for the log.
        const auto ask = [&](const std::string& command) {
            return machine.run({command, {}, settings_timeout, output_limit}, nullptr, stop);
        };
        const auto release = ask("uname -r");
        if (release.end == ports::CommandEnd::exited && release.exit_code == 0) {
            outcome_.kernel_release =
                cap(escape_for_terminal(std::string(trim(release.output))), 200);
        }
        if (request_.ask_what_it_is) {
            outcome_.fingerprint = read_fingerprint(ask);
        }
        return apply_settings(*request_.settings, [&](const std::string& command) {
            return run(machine, {command, {}, settings_timeout, output_limit}, stop);
        });
    }

    static void note_circumstances(TestMachine& machine, plan::Quiet quiet, Sample& sample) {
        sample.time = format_time(std::chrono::system_clock::now());
        auto around = machine.circumstances(quiet);
        sample.host_load = around.host_load;
        sample.others = std::move(around.others);
    }

    static Expected<std::vector<core::MetricLine>, std::string>
    read_metrics(const plan::Benchmark& benchmark, const ports::CommandResult& result,
                 plan::PrintedValues& printed) {
        if (result.exit_code != 0) {
            return Unexpected{benchmark.id() + ": " + how_it_ended(result)};
        }
        auto values =
            printed.finish(result.cut_short ? core::OutputEnd::cut : core::OutputEnd::whole);
        if (!values) {
            return Unexpected{std::string(to_error(values.error()).what())};
        }
        return *std::move(values);
    }

    Workshop& shop_;
    JobContext& job_;
    const SessionRequest& request_;
    LogStream log_;
    SessionOutcome outcome_;
};

nlohmann::json to_json(const SessionOutcome& outcome) {
    nlohmann::json data{
        {"seconds", outcome.seconds},         {"boot_seconds", outcome.boot_seconds},
        {"session", outcome.session},         {"start", outcome.start},
        {"accelerator", outcome.accelerator}, {"kernel_release", outcome.kernel_release},
        {"failed_run", outcome.failed_run},   {"before", to_json(outcome.before)}};
    if (outcome.fingerprint) {
        data["fingerprint"] = to_json(*outcome.fingerprint);
    }
    if (const auto* taken = std::get_if<SamplesTaken>(&outcome.result)) {
        data["samples"] = to_json(taken->samples);
    } else if (const auto* ended = std::get_if<CommandEnded>(&outcome.result)) {
        data["exit_code"] = ended->exit_code;
        data["output"] = ended->output;
    } else if (const auto* down = std::get_if<WentDown>(&outcome.result)) {
        data["signature"] = down->signature;
        data["went_down"] = down->text;
    } else {
        data["check_failed"] = std::get<CheckFailed>(outcome.result).reason;
    }
    return data;
}

std::vector<Sample> samples_from(const nlohmann::json& list) {
    std::vector<Sample> samples;
    for (const auto& sample : list) {
        samples.push_back({{sample.at("resultclass"), sample.at("value"), sample.at("unit")},
                           sample.at("session"),
                           sample.at("sequence"),
                           sample.at("accelerator"),
                           sample.at("time"),
                           sample.value("host_load", 0.0),
                           sample.value("others", "")});
    }
    return samples;
}

SessionOutcome outcome_from(const nlohmann::json& data) {
    SessionOutcome outcome;
    outcome.seconds = data.at("seconds");
    outcome.boot_seconds = data.at("boot_seconds");
    outcome.session = data.value("session", "");
    outcome.start = data.value("start", "");
    outcome.accelerator = data.value("accelerator", "");
    outcome.kernel_release = data.value("kernel_release", "");
    outcome.failed_run = data.value("failed_run", 0U);
    outcome.before = samples_from(data.value("before", nlohmann::json::array()));
    if (data.contains("fingerprint")) {
        outcome.fingerprint = fingerprint_from(data.at("fingerprint"));
    }
    if (data.contains("samples")) {
        outcome.result = SamplesTaken{samples_from(data.at("samples"))};
    } else if (data.contains("exit_code")) {
        outcome.result = CommandEnded{data.at("exit_code"), data.at("output")};
    } else if (data.contains("signature")) {
        outcome.result = WentDown{data.at("signature"), data.at("went_down")};
    } else {
        outcome.result = CheckFailed{data.at("check_failed")};
    }
    return outcome;
}

/// A machine that starts anew whatever runs on it measures nothing.
void note_instability(const WentDown& first, SessionOutcome& outcome) {
    auto* again = std::get_if<WentDown>(&outcome.result);
    if (again != nullptr && first.signature == rebooted_by_itself &&
        again->signature == rebooted_by_itself) {
        again->text = "unstable, twice: " + again->text;
    }
}

} // namespace

SessionOutcome run_session(Workshop& shop, JobContext& job, const SessionRequest& request,
                           const std::stop_token& stop) {
    return outcome_from(job.step(request.step_key, stop, [&] {
        auto outcome = SessionRun(shop, job, request).run(stop);
        const auto* down = std::get_if<WentDown>(&outcome.result);
        if (down != nullptr && down->again == TryAgain::useful) {
            const auto first = *down;
            job.phase("test " + request.target + ": " + first.text + "; booting it once more");
            outcome = SessionRun(shop, job, request).run(stop);
            note_instability(first, outcome);
        }
        return StepResult{to_json(outcome), request.target};
    }));
}

nlohmann::json to_json(const std::vector<Sample>& samples) {
    auto list = nlohmann::json::array();
    for (const auto& sample : samples) {
        list.push_back({{"resultclass", sample.metric.name},
                        {"value", sample.metric.value},
                        {"unit", sample.metric.unit},
                        {"session", sample.session},
                        {"sequence", sample.sequence},
                        {"accelerator", sample.accelerator},
                        {"time", sample.time},
                        {"host_load", sample.host_load},
                        {"others", sample.others}});
    }
    return list;
}

} // namespace lab::engine
