// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "base/ids.h"
#include "base/text.h"
#include "engine/jobs/job_run.h"
#include "engine/jobs/plan_records.h"
#include "engine/planned.h"

namespace lab::engine {
namespace {

/// Measures a plan, one session after the other.
class PlanRun {
public:
    PlanRun(const JobRun& run, const plan::PlanSpec& spec)
        : run_(run), spec_(spec), plan_(value_or_throw(plan::parse_plan(spec.text, spec.file))),
          benchmarks_(planned_benchmarks(plan_, run.catalog)),
          store_(run.shop.deps.result_stores.open(spec.output, ports::OpenMode::append)),
          vm_(run.lab.test_vm(plan_.sut.name)) {
        for (const auto& benchmark : benchmarks_) {
            invocations_ += benchmark.sessions * (benchmark.warmups + benchmark.repeats);
        }
        invocations_ *= static_cast<unsigned>(plan_.profiles.size());
    }

    JobEnd execute() {
        announce();
        for (const auto& profile : plan_.profiles) {
            measure(profile);
        }
        JobEnd end;
        end.result = result();
        if (errors_ > 0) {
            end.exit_code = 1;
            end.error = std::to_string(errors_) + " of " + std::to_string(sessions_) +
                        " sessions gave no or not all samples";
            end.hint = "lab result show has what there is; the whole output: lab job logs @last";
        }
        return end;
    }

private:
    /// Stores what is measured before anything is: a store that has other things by these names
    /// refuses now and not after the first session.
    void announce() {
        for (const auto& profile : plan_.profiles) {
            for (const auto& benchmark : benchmarks_) {
                store_->append(objects_of({vm_, profile, commit_of(profile), benchmark}));
            }
        }
    }

    [[nodiscard]] plan::MachineTarget target_of(const plan::PlanProfile& profile) const {
        const auto build = spec_.builds.find(profile.name);
        return build == spec_.builds.end() ? plan::MachineTarget{vm_.name}
                                           : plan::MachineTarget{vm_.name, build->second};
    }

    [[nodiscard]] std::string commit_of(const plan::PlanProfile& profile) const {
        const auto target = target_of(profile);
        return target.build ? target.build->commit : "";
    }

    void measure(const plan::PlanProfile& profile) {
        const auto root = machine_root(run_, target_of(profile));
        for (std::size_t index = 0; index < benchmarks_.size(); ++index) {
            const auto& benchmark = benchmarks_[index];
            for (unsigned number = 1; number <= benchmark.sessions; ++number) {
                // The same benchmark may stand there twice, with other parameters.
                const auto key = profile.name + "/" + std::to_string(index) + "/" + benchmark.id() +
                                 "/" + std::to_string(number);
                const auto outcome = root.image ? session(key, profile, benchmark, root, number)
                                                : not_begun(key, root.error);
                done_ += benchmark.warmups + benchmark.repeats;
                keep({vm_, profile, commit_of(profile), benchmark}, outcome);
            }
        }
    }

    SessionOutcome session(const std::string& key, const plan::PlanProfile& profile,
                           const plan::Benchmark& benchmark, const MachineRoot& root,
                           unsigned number) {
        SessionRequest request;
        request.target = root.id;
        request.vm = vm_;
        request.machine = run_.lab.templates.at(vm_.machine);
        request.install = root.image;
        request.check = benchmark;
        request.step_key = "plan/" + key;
        request.ask_what_it_is = number == 1;
        request.settings = ProfileSettings{profile.cmdline, profile.sysctl, profile.bootscript};
        run_.job.event("progress",
                       "invocation " + std::to_string(done_ + 1) + " of " +
                           std::to_string(invocations_) + ": " + profile.name + ", " +
                           benchmark.id(),
                       {{"done", done_}, {"total", invocations_}});
        return run_session(run_.shop, run_.job, request, run_.stop);
    }

    /// The outcome for a profile whose build failed: an error row like any other.
    SessionOutcome not_begun(const std::string& key, const std::string& reason) {
        const auto step = run_.job.step("plan/" + key, run_.stop, [] {
            return StepResult{
                {{"session", new_uuid()}, {"start", format_time(std::chrono::system_clock::now())}},
                ""};
        });
        SessionOutcome outcome;
        outcome.session = step.at("session");
        outcome.start = step.at("start");
        outcome.failed_run = 1;
        outcome.result = CheckFailed{reason};
        return outcome;
    }

    /// Stores a session. One that an earlier run of the job has stored adds nothing.
    void keep(const PlanSession& session, const SessionOutcome& outcome) {
        const auto records = records_of(session, outcome);
        store_->append(records);
        ++sessions_;
        samples_ += static_cast<unsigned>(records.results.size());
        errors_ += records.errors.empty() ? 0 : 1;
        for (const auto& error : records.errors) {
            run_.job.event("progress",
                           session.profile.name + ", " + session.benchmark.id() + ": " +
                               cap(escape_for_terminal(error.text), 300),
                           {{"done", done_}, {"total", invocations_}});
        }
        run_.job.publish(result());
    }

    [[nodiscard]] nlohmann::json result() const {
        return {{"store", store_->name()}, {"sessions", sessions_}, {"samples", samples_},
                {"errors", errors_},       {"done", done_},         {"invocations", invocations_}};
    }

    const JobRun& run_;
    const plan::PlanSpec& spec_;
    const plan::BenchPlan plan_;
    const std::vector<plan::Benchmark> benchmarks_;
    const std::unique_ptr<ports::ResultStore> store_;
    const plan::TestVm& vm_;
    unsigned invocations_ = 0;
    unsigned done_ = 0;
    unsigned sessions_ = 0;
    unsigned samples_ = 0;
    unsigned errors_ = 0;
};

} // namespace

JobEnd run_job(const JobRun& run, const plan::PlanSpec& spec) {
    return PlanRun(run, spec).execute();
}

} // namespace lab::engine
