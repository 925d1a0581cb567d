// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/plan_records.h"

namespace lab::engine {
namespace {

/// What a result store's error rows hold as their code.
enum class RowCode { no_result = 1, went_down = 2 };

ports::SwprofileRecord swprofile_of(const PlanSession& session) {
    ports::SwprofileRecord record;
    record.name = session.profile.name;
    record.kernel_git_sha =
        session.commit.empty() ? session.profile.kernel_git_sha : session.commit;
    record.cmdline = session.profile.cmdline;
    record.sysctl = session.profile.sysctl;
    record.bootscript = session.profile.bootscript;
    return record;
}

ports::BenchmarkRecord benchmark_of(const plan::Benchmark& benchmark) {
    ports::BenchmarkRecord record;
    record.suite = benchmark.suite;
    record.name = benchmark.name;
    record.type = benchmark.type == plan::BenchmarkType::container ? "container" : "command";
    record.image = benchmark.image;
    for (const auto& param : benchmark.params) {
        record.params.emplace(param.name, param.value);
    }
    return record;
}

ports::SessionRecord session_of(const PlanSession& session, const SessionOutcome& outcome) {
    ports::SessionRecord boot;
    boot.uuid = outcome.session;
    boot.start = ports::time_from(outcome.start);
    boot.accelerator = outcome.accelerator;
    boot.clock = plan::word_of(plan::clock_words(), session.benchmark.clock);
    boot.kernel_release = outcome.kernel_release;
    return boot;
}

/// Adds what one session gave to the records that it refers to.
class Filler {
public:
    Filler(const PlanSession& session, const SessionOutcome& outcome)
        : session_(session), outcome_(outcome), batch_(objects_of(session)) {
        batch_.sessions.push_back(session_of(session, outcome));
        if (outcome.fingerprint) {
            identify(*outcome.fingerprint);
        }
    }

    void operator()(const SamplesTaken& taken) { add(taken.samples); }

    void operator()(const CheckFailed& failed) { fail(RowCode::no_result, failed.reason); }
    void operator()(const WentDown& down) { fail(RowCode::went_down, down.text); }

    void operator()(const CommandEnded& ended) {
        fail(RowCode::no_result, "a command with exit code " + std::to_string(ended.exit_code));
    }

    ports::ResultBatch take() { return std::move(batch_); }

private:
    /// The kernel that runs belongs to the profile. What is known without asking stays as it is.
    void identify(const Fingerprint& fingerprint) {
        auto& sut = batch_.suts.front();
        const auto named = sut;
        sut = fingerprint.hardware;
        sut.name = named.name;
        sut.cpu_count = named.cpu_count ? named.cpu_count : sut.cpu_count;
        batch_.swprofiles.front().kernel_name = fingerprint.kernel_name;
        batch_.swprofiles.front().userspace_name = fingerprint.userspace_name;
    }

    void add(const std::vector<Sample>& samples) {
        for (const auto& sample : samples) {
            ports::ResultRecord record;
            record.sut = session_.sut.name;
            record.swprofile = session_.profile.name;
            record.benchmark = batch_.benchmarks.front().id();
            record.resultclass = sample.metric.name;
            record.session = outcome_.session;
            record.sequence = sample.sequence;
            record.time = ports::time_from(sample.time);
            record.value = sample.metric.value;
            record.host_load = sample.host_load;
            record.quiet = sample.others;
            batch_.results.push_back(std::move(record));
        }
    }

    void fail(RowCode code, const std::string& text) {
        add(outcome_.before);
        ports::ErrorRecord record;
        record.sut = session_.sut.name;
        record.swprofile = session_.profile.name;
        record.benchmark = batch_.benchmarks.front().id();
        record.session = outcome_.session;
        record.sequence = outcome_.failed_run;
        record.time = ports::time_from(outcome_.start);
        record.code = static_cast<std::int64_t>(code);
        record.text = text;
        batch_.errors.push_back(std::move(record));
    }

    const PlanSession& session_;
    const SessionOutcome& outcome_;
    ports::ResultBatch batch_;
};

} // namespace

ports::ResultBatch objects_of(const PlanSession& session) {
    ports::ResultBatch batch;
    batch.suts.push_back(session.sut);
    batch.swprofiles.push_back(swprofile_of(session));
    batch.benchmarks.push_back(benchmark_of(session.benchmark));
    for (const auto& resultclass : session.benchmark.resultclasses) {
        batch.resultclasses.push_back({batch.benchmarks.front().id(), resultclass.name,
                                       resultclass.unit, resultclass.better});
    }
    return batch;
}

ports::ResultBatch records_of(const PlanSession& session, const SessionOutcome& outcome) {
    Filler filler(session, outcome);
    std::visit(filler, outcome.result);
    return filler.take();
}

} // namespace lab::engine
