// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/bootable.h"
#include "engine/suts/planned_sut.h"

namespace lab::engine {
namespace {

plan::Benchmark benchmark_of(const JobRun& run, const plan::TestSpec& spec) {
    auto benchmark = run.catalog.benchmark(spec.check);
    benchmark.sessions = spec.sessions.value_or(benchmark.sessions);
    benchmark.repeats = spec.repeats.value_or(benchmark.repeats);
    benchmark.warmups = spec.warmups.value_or(benchmark.warmups);
    return benchmark;
}

/// Turns session results into the job's result, one after the other.
struct Report {
    JobEnd& end;

    void operator()(const SamplesTaken& taken) const {
        for (const auto& sample : to_json(taken.samples)) {
            end.result["samples"].push_back(sample);
        }
    }

    void operator()(const CommandEnded& ended) const {
        end.result["exit_code"] = ended.exit_code;
        end.result["output"] = ended.output;
        end.exit_code = ended.exit_code == 0 ? 0 : 1;
        end.result["outcome"] = ended.exit_code == 0 ? "pass" : "fail";
        if (ended.exit_code != 0) {
            end.error = "the command ended with exit code " + std::to_string(ended.exit_code);
        }
    }

    void operator()(const WentDown& down) const { fail("no_boot", down.text); }
    void operator()(const CheckFailed& failed) const { fail("no_result", failed.reason); }

    void fail(const char* outcome, const std::string& text) const {
        end.result["outcome"] = outcome;
        end.result["text"] = text;
        end.exit_code = 1;
        end.error = text;
    }
};

/// What is booted; a machine by SSH is then held by `driver`.
Bootable bootable(const JobRun& run, const plan::MachineTarget& target,
                  std::optional<SutDriver>& driver) {
    const auto vm = run.lab.config.test_vms.find(target.vm);
    const bool by_ssh =
        vm == run.lab.config.test_vms.end() && !run.lab.config.build_vms.contains(target.vm);
    if (by_ssh) {
        driver.emplace(run.shop, run.job, added_sut(run.shop.deps.suts, target.vm), run.stop);
        return bootable_sut(run, *driver, target);
    }
    return bootable_vm(run, target);
}

} // namespace

JobEnd run_job(const JobRun& run, const plan::TestSpec& spec) {
    std::optional<SutDriver> driver;
    const auto what = bootable(run, spec.target, driver);
    JobEnd end;
    end.result = {{"target", what.id}, {"outcome", "pass"}, {"samples", nlohmann::json::array()}};
    if (!what.machine) {
        Report{end}.fail("no_install", what.error);
        return end;
    }
    SessionRequest request;
    request.target = what.id;
    request.machine = *what.machine;
    unsigned sessions = 1;
    if (spec.check.benchmark.empty()) {
        request.check = spec.check.command;
    } else {
        const auto benchmark = benchmark_of(run, spec);
        sessions = benchmark.sessions;
        request.check = benchmark;
    }
    for (unsigned i = 1; i <= sessions && end.exit_code == 0; ++i) {
        request.step_key = "session/" + std::to_string(i);
        run.job.event("progress",
                      "session " + std::to_string(i) + " of " + std::to_string(sessions),
                      {{"done", i - 1}, {"total", sessions}});
        const auto outcome = run_session(run.shop, run.job, request, run.stop);
        std::visit(Report{end}, outcome.result);
        run.job.publish(end.result);
    }
    if (driver) {
        driver->restore(run.stop);
    }
    return end;
}

} // namespace lab::engine
