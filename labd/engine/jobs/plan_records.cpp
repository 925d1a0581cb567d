// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/plan_records.h"

namespace lab::engine {
namespace {

/// What a result store's error rows hold as their code.
enum class RowCode { no_result = 1, went_down = 2 };

const char* clock_word(plan::GuestClock clock) {
    return plan::word_of(plan::clock_words(), clock);
}

ports::SutRecord sut_of(const plan::TestVm& vm) {
    ports::SutRecord sut;
    sut.name = vm.name;
    sut.host_name = vm.name;
    sut.product_name = "virtual machine " + vm.machine;
    sut.cpu_count = vm.cpus;
    sut.memory = static_cast<std::int64_t>(vm.memory.count);
    return sut;
}

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

/// Fills a batch from one session.
class Filler {
public:
    explicit Filler(const PlanSession& session)
        : session_(session), benchmark_(benchmark_of(session.benchmark)) {
        batch_.suts.push_back(sut_of(session.sut));
        batch_.swprofiles.push_back(swprofile_of(session));
        for (const auto& resultclass : session.benchmark.resultclasses) {
            batch_.resultclasses.push_back(
                {benchmark_.id(), resultclass.name, resultclass.unit, resultclass.better});
        }
        ports::SessionRecord boot;
        boot.uuid = session.outcome.session;
        boot.start = ports::time_from(session.outcome.start);
        boot.accelerator = session.outcome.accelerator;
        boot.clock = clock_word(session.benchmark.clock);
        boot.kernel_release = session.outcome.kernel_release;
        batch_.sessions.push_back(boot);
        batch_.benchmarks.push_back(benchmark_);
    }

    void operator()(const SamplesTaken& taken) { add(taken.samples); }

    void operator()(const CheckFailed& failed) { fail(RowCode::no_result, failed.reason); }
    void operator()(const WentDown& down) { fail(RowCode::went_down, down.text); }

    void operator()(const CommandEnded& ended) {
        fail(RowCode::no_result, "a command with exit code " + std::to_string(ended.exit_code));
    }

    ports::ResultBatch take() { return std::move(batch_); }

private:
    void add(const std::vector<Sample>& samples) {
        for (const auto& sample : samples) {
            ports::ResultRecord record;
            record.sut = session_.sut.name;
            record.swprofile = session_.profile.name;
            record.benchmark = benchmark_.id();
            record.resultclass = sample.metric.name;
            record.session = session_.outcome.session;
            record.sequence = sample.sequence;
            record.time = ports::time_from(sample.time);
            record.value = sample.metric.value;
            record.host_load = sample.host_load;
            record.quiet = sample.others;
            batch_.results.push_back(std::move(record));
        }
    }

    void fail(RowCode code, const std::string& text) {
        add(session_.outcome.before);
        ports::ErrorRecord record;
        record.sut = session_.sut.name;
        record.swprofile = session_.profile.name;
        record.benchmark = benchmark_.id();
        record.session = session_.outcome.session;
        record.sequence = session_.outcome.failed_run;
        record.time = ports::time_from(session_.outcome.start);
        record.code = static_cast<std::int64_t>(code);
        record.text = text;
        batch_.errors.push_back(std::move(record));
    }

    const PlanSession& session_;
    ports::BenchmarkRecord benchmark_;
    ports::ResultBatch batch_;
};

} // namespace

ports::ResultBatch records_of(const PlanSession& session) {
    Filler filler(session);
    std::visit(filler, session.outcome.result);
    return filler.take();
}

} // namespace lab::engine
