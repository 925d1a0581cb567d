// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/job_run.h"
#include "engine/steps/session.h"

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

} // namespace

JobEnd run_job(const JobRun& run, const plan::TestSpec& spec) {
    const auto root = machine_root(run, spec.target);
    JobEnd end;
    end.result = {{"target", root.id}, {"outcome", "pass"}, {"samples", nlohmann::json::array()}};
    if (!root.image) {
        Report{end}.fail("no_install", root.error);
        return end;
    }
    SessionRequest request;
    request.target = root.id;
    request.vm = run.lab.test_vm(spec.target.vm);
    request.machine = run.lab.templates.at(request.vm.machine);
    request.install = root.image;
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
    return end;
}

} // namespace lab::engine
