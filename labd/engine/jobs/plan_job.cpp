// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "base/ids.h"
#include "base/text.h"
#include "engine/jobs/bootable.h"
#include "engine/jobs/plan_records.h"
#include "engine/planned.h"
#include "engine/suts/planned_sut.h"

namespace lab::engine {
namespace {

/// Measures a plan, one session after the other.
class PlanRun {
public:
    PlanRun(const JobRun& run, const plan::PlanSpec& spec)
        : run_(run), spec_(spec), plan_(value_or_throw(plan::parse_plan(spec.text, spec.file))),
          benchmarks_(planned_benchmarks(plan_, run.catalog)),
          store_(run.shop.deps.result_stores.open(spec.output, ports::OpenMode::append)) {
        const auto vm = run.lab.config.test_vms.find(plan_.sut.name);
        if (!plan_.sut.address && vm != run.lab.config.test_vms.end()) {
            vm_ = &vm->second;
            sut_.cpu_count = vm_->cpus;
        }
        sut_.name = plan_.sut.name;
        for (const auto& benchmark : benchmarks_) {
            invocations_ += benchmark.sessions * (benchmark.warmups + benchmark.repeats);
        }
        invocations_ *= static_cast<unsigned>(plan_.profiles.size());
    }

    JobEnd execute() {
        announce();
        if (vm_ == nullptr) {
            driver_.emplace(run_.shop, run_.job,
                            planned_sut(run_.shop, run_.job, plan_.sut, run_.stop), run_.stop);
        }
        for (const auto& profile : plan_.profiles) {
            measure(profile);
        }
        if (driver_) {
            driver_->restore(run_.stop);
        }
        if (const auto waiting = store_->waiting(); !waiting.empty()) {
            throw Error(ErrorCode::infra, waiting, "when the store is back: lab plan resume");
        }
        JobEnd end;
        end.result = result();
        if (errors_ > 0) {
            end.exit_code = 1;
            end.error = std::to_string(errors_) + " of " + std::to_string(sessions_) +
                        " sessions gave no or not all samples";
            end.hint = "lab result show has what there is; the whole output: lab job logs " +
                       run_.job.id();
        }
        return end;
    }

private:
    /// Stores what is measured before anything is: a store that has other things by these names
    /// refuses now and not after the first session.
    void announce() {
        for (const auto& profile : plan_.profiles) {
            for (const auto& benchmark : benchmarks_) {
                store_->append(objects_of({sut_, profile, commit_of(profile), benchmark}));
            }
        }
    }

    [[nodiscard]] std::string commit_of(const plan::PlanProfile& profile) const {
        const auto build = spec_.builds.find(profile.name);
        return build == spec_.builds.end() ? "" : build->second.commit;
    }

    Bootable bootable(const plan::PlanProfile& profile) {
        plan::MachineTarget target{vm_ != nullptr ? vm_->name : sut_.name};
        if (const auto build = spec_.builds.find(profile.name); build != spec_.builds.end()) {
            target.build = build->second;
        }
        if (!driver_) {
            return bootable_vm(run_, target);
        }
        if (target.build) {
            return bootable_sut(run_, *driver_, target);
        }
        return {SutToBoot{&*driver_, {planned_kernel(profile, spec_.file)}}, sut_.name};
    }

    void measure(const plan::PlanProfile& profile) {
        const auto what = bootable(profile);
        for (std::size_t index = 0; index < benchmarks_.size(); ++index) {
            const auto& benchmark = benchmarks_[index];
            for (unsigned number = 1; number <= benchmark.sessions; ++number) {
                // The same benchmark may stand there twice, with other parameters.
                const auto key = profile.name + "/" + std::to_string(index) + "/" + benchmark.id() +
                                 "/" + std::to_string(number);
                auto request = request_for(profile, benchmark, number);
                request.step_key = "plan/" + key;
                const auto outcome =
                    what.machine ? session(what, std::move(request)) : not_begun(key, what.error);
                done_ += benchmark.warmups + benchmark.repeats;
                keep({sut_, profile, commit_of(profile), benchmark}, outcome);
            }
        }
    }

    static SessionRequest request_for(const plan::PlanProfile& profile,
                                      const plan::Benchmark& benchmark, unsigned number) {
        SessionRequest request;
        request.check = benchmark;
        request.ask_what_it_is = number == 1;
        request.settings = ProfileSettings{profile.cmdline, profile.sysctl, profile.bootscript};
        request.target = profile.name + ", " + benchmark.id();
        return request;
    }

    SessionOutcome session(const Bootable& what, SessionRequest request) {
        run_.job.event("progress",
                       "invocation " + std::to_string(done_ + 1) + " of " +
                           std::to_string(invocations_) + ": " + request.target,
                       {{"done", done_}, {"total", invocations_}});
        request.machine = *what.machine;
        request.target = what.id;
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
        tell_whether_it_waits();
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

    void tell_whether_it_waits() {
        const auto waiting = store_->waiting();
        if (waits_ && waiting.empty()) {
            run_.job.phase(store_->name() + ": is back; what waited for it is there");
        } else if (!waits_ && !waiting.empty()) {
            run_.job.warn(waiting);
        }
        waits_ = !waiting.empty();
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
    ports::SutRecord sut_;
    const plan::TestVm* vm_ = nullptr; ///< none: a machine by SSH
    std::optional<SutDriver> driver_;  ///< of that one
    unsigned invocations_ = 0;
    unsigned done_ = 0;
    unsigned sessions_ = 0;
    unsigned samples_ = 0;
    unsigned errors_ = 0;
    bool waits_ = false; ///< results wait for the store
};

} // namespace

JobEnd run_job(const JobRun& run, const plan::PlanSpec& spec) {
    return PlanRun(run, spec).execute();
}

} // namespace lab::engine
