// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/bisect_task.h"

#include "base/error.h"
#include "base/text.h"
#include "core/first_error.h"
#include "engine/command_end.h"
#include "engine/jobs/bootable.h"
#include "engine/parallel.h"

#include <optional>

namespace lab::engine {
namespace {

class TaskRun {
public:
    TaskRun(const JobRun& run, const plan::BisectSpec& spec, const core::Task& task, Twins& twins,
            SutSeat& seat)
        : run_(run), spec_(spec), task_(task), twins_(twins), seat_(seat) {
        costed_.observation.commit = task.commit;
        costed_.observation.kind = task.kind;
        costed_.observation.first = task.first;
    }

    CostedObservation perform() {
        const bool clean = task_.build == core::BuildKind::clean_full;
        if (spec_.kernel_only && !clean) {
            auto finding = attempt(plan::BuildMode::kernel, plan::CleanBuild::no);
            if (!is_failure(finding)) {
                costed_.observation.finding = std::move(finding);
                return costed_;
            }
            run_.job.phase(id() + ": the kernel alone did not do, building everything");
        }
        costed_.observation.finding =
            attempt(plan::BuildMode::full, clean ? plan::CleanBuild::yes : plan::CleanBuild::no);
        return costed_;
    }

private:
    static bool is_failure(const core::Finding& finding) {
        return std::holds_alternative<core::Unbuildable>(finding) ||
               std::holds_alternative<core::BootFailure>(finding);
    }

    [[nodiscard]] std::string id() const { return spec_.vm + "/" + task_.commit.abbreviated(); }

    core::Finding attempt(plan::BuildMode mode, plan::CleanBuild clean) {
        auto request = build_request(run_, spec_.vm, task_.commit.hex());
        request.mode = mode;
        request.clean = clean;
        request.priority =
            task_.kind == core::TaskKind::lookahead ? Priority::ahead_of_time : Priority::wanted;
        const auto built = build_commit(run_.shop, run_.job, request, run_.stop);
        costed_.build_seconds += built.seconds;
        if (built.state == BuildState::failed) {
            return core::Unbuildable{built.error};
        }
        if (core::is_end(task_.kind)) {
            costed_.files_read = files_read_by(*built.image);
        }
        // A lookahead installs as well: that is what the next probe needs.
        const auto installed =
            install_build(run_.shop, run_.job,
                          seat_.is_vm(run_) ? install_request(run_, request, built, spec_.on, "")
                                            : kernel_request(run_, request, built, spec_.on),
                          run_.stop);
        if (installed.state == InstallState::failed) {
            return core::Unbuildable{"does not install: " + installed.error};
        }
        if (task_.kind == core::TaskKind::lookahead) {
            return core::Built{};
        }
        costed_.observation.artefact = spec_.prune ? installed.artefact : "";
        if (task_.check == core::CheckKind::none) {
            return core::Built{};
        }
        const bool same = twins_.note(costed_.observation.artefact, task_.commit);
        if (same && task_.kind == core::TaskKind::probe) {
            return core::Built{};
        }
        return check(installed.image, request.recipe, plan::to_string(mode));
    }

    core::Finding check(const ports::ImageLease& install, const plan::Template& recipe,
                        const std::string& mode) {
        std::vector<SessionOutcome> outcomes(task_.samples);
        for_each_index(outcomes.size(), [&](std::size_t i) {
            outcomes[i] = session(install, recipe, session_request(mode, i));
        });
        core::Measured measured;
        for (const auto& outcome : outcomes) {
            costed_.test_seconds += outcome.seconds;
            if (auto other = other_than_samples(outcome.result)) {
                return *other;
            }
            if (const auto* taken = std::get_if<SamplesTaken>(&outcome.result)) {
                measured.values.push_back(session_value(*taken));
            }
        }
        return measured;
    }

    SessionOutcome session(const ports::ImageLease& install, const plan::Template& recipe,
                           SessionRequest request) {
        const auto run = [&] {
            return run_twice_if_killed(request);
        };
        if (seat_.is_vm(run_)) {
            const auto& vm = run_.lab.test_vm(spec_.on);
            request.machine = VmToBoot{vm, run_.lab.machine_of(vm.name), install};
            return run();
        }
        return seat_.use(run_, [&](SutDriver& driver) {
            request.machine = kernel_of(driver, install, recipe);
            return run();
        });
    }

    /// A command that was ended by a signal, which lab does not send, may have met a guest without
    /// memory; one that asks for the bisection's end is run anew when that is resumed.
    SessionOutcome run_twice_if_killed(const SessionRequest& request) {
        const auto run = [&] {
            return run_session(run_.shop, run_.job, request, run_.stop);
        };
        const auto finding = [](const SessionOutcome& outcome) -> core::Finding {
            const auto* ended = std::get_if<CommandEnded>(&outcome.result);
            return core::CommandExit{ended != nullptr ? ended->exit_code : 0};
        };
        auto outcome = run();
        if (const auto signal = signal_of(finding(outcome))) {
            run_.job.warn("test " + request.target + ": the command was ended by signal " +
                          std::to_string(*signal) + "; trying it once more");
            run_.job.forget(request.step_key);
            outcome = run();
        }
        if (stops_bisection(finding(outcome))) {
            run_.job.forget(request.step_key);
        }
        return outcome;
    }

    [[nodiscard]] SessionRequest session_request(const std::string& mode, std::size_t index) const {
        SessionRequest request;
        request.target =
            id() + "/" + spec_.on + (task_.build == core::BuildKind::clean_full ? " clean" : "");
        request.step_key = "session/" + std::string(core::to_string(task_.kind)) + "/" +
                           task_.commit.abbreviated() + "/" + mode + "/" +
                           std::to_string(task_.first + index + 1);
        if (task_.check == core::CheckKind::boot_only) {
            // That it reached its ready mark is the answer; the command is not looked at.
            request.check = std::string("true");
        } else if (spec_.check.benchmark.empty()) {
            request.check = spec_.check.command;
        } else {
            request.check = run_.catalog.benchmark(spec_.check);
        }
        return request;
    }

    [[nodiscard]] std::optional<core::Finding>
    other_than_samples(const SessionResult& result) const {
        if (const auto* down = std::get_if<WentDown>(&result)) {
            if (spec_.panic_is_bad && task_.kind == core::TaskKind::probe &&
                task_.check == core::CheckKind::full) {
                return core::Said{core::Verdict::bad, down->text};
            }
            return core::BootFailure{down->signature, down->text};
        }
        if (const auto* failed = std::get_if<CheckFailed>(&result)) {
            return core::CheckFailed{failed->reason};
        }
        if (const auto* ended = std::get_if<CommandEnded>(&result)) {
            if (task_.check == core::CheckKind::boot_only) {
                return core::Booted{};
            }
            core::FirstError error;
            error.feed(ended->exit_code == 0 ? "" : ended->output);
            return core::CommandExit{ended->exit_code, to_valid_utf8(error.line())};
        }
        return std::nullopt;
    }

    /// One value a session: repeats within one boot are no independent samples.
    [[nodiscard]] double session_value(const SamplesTaken& taken) const {
        double sum = 0.0;
        unsigned count = 0;
        for (const auto& sample : taken.samples) {
            if (sample.metric.name == spec_.check.metric) {
                sum += sample.metric.value;
                ++count;
            }
        }
        if (count == 0) {
            throw Error(ErrorCode::infra, spec_.check.metric + ": no sample in a session");
        }
        return sum / count;
    }

    const JobRun& run_;
    const plan::BisectSpec& spec_;
    const core::Task& task_;
    Twins& twins_;
    SutSeat& seat_;
    CostedObservation costed_;
};

} // namespace

CostedObservation perform(const JobRun& run, const plan::BisectSpec& spec, const core::Task& task,
                          Twins& twins, SutSeat& seat) {
    return TaskRun(run, spec, task, twins, seat).perform();
}

} // namespace lab::engine
