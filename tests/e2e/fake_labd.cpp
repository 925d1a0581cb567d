// SPDX-License-Identifier: Apache-2.0
// A labd that does nothing: the real places, lock, server and protocol, fakes behind them.
#include "adapters/results/result_stores.h"
#include "api/messages.h"
#include "api/places.h"
#include "base/files.h"
#include "base/handle.h"
#include "base/ids.h"
#include "base/text.h"
#include "plan/bench_plan.h"
#include "server/server.h"
#include "tests/fakes/fake_services.h"

#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>

namespace {

using lab::fakes::Script;
namespace plan = lab::plan;

const std::string commit = "0123456789abcdef0123456789abcdef01234567";

Script build_script(const plan::BuildSpec& spec) {
    const auto& target = spec.targets.front();
    if (target.vm == "nosuch") {
        throw lab::Error(lab::ErrorCode::not_found, "VM nosuch: not in lab.yaml",
                         "see them with: lab vm list");
    }
    const auto id = target.vm + "/" + commit.substr(0, 12);
    const auto row = [&](const std::string& rest) {
        return R"({"builds":[{"id":")" + id + R"(","commit":")" + commit +
               R"(","mode":"full","clean":false,)" + rest + "}]}";
    };
    if (target.revision == "endless") {
        return {{{"phase", "building " + id}}, "{}", "still compiling\n", "", "", 0, true};
    }
    if (target.revision == "broken") {
        return {{{"phase", "building " + id}},
                row(R"("state":"failed","seconds":3.5,"error":"make: exit code 2",)"
                    R"("log_tail":"x.c:1: error: \u001b[31mno\n")"),
                "cc x.c\n",
                "build " + id + ": failed",
                "read its log with: lab job logs",
                1};
    }
    return {{{"phase", "building " + id}, {"progress", "12 files"}, {"warning", "odd \033[2J"}},
            row(R"("state":"built","seconds":12.5,"changed_files":3,"parent":"")"),
            "cc a.c\ncc b.c\n"};
}

Script test_script(const plan::TestSpec& spec) {
    if (!spec.check.command.empty()) {
        return {{},
                R"({"target":"t","outcome":"fail","exit_code":3,"samples":[],)"
                R"("output":"ran )" +
                    spec.check.command + R"(\n"})",
                "",
                "test t: the command failed (exit code 3)",
                "",
                1};
    }
    return {{},
            R"({"target":"b/0123/t","outcome":"pass","exit_code":0,"samples":[)"
            R"({"resultclass":"ioctl","value":1234567.89,"unit":"ops/s","session":"5e551011-x",)"
            R"("sequence":1,"accelerator":"tcg","time":"2025-03-01T10:00:00.000Z"}]})"};
}

Script bisect_script(const plan::BisectSpec& spec) {
    if (spec.good == "endless") {
        return {{},  R"({"progress":"Bisecting: 7 revisions left to test after this","rows":[]})",
                "",  "",
                "",  0,
                true};
    }
    return {{{"verdict", "0123456789ab is bad"}},
            R"({"conclusion":"found","commit":")" + commit +
                R"(","probability":0.9934,"info":{"author":"A Name <a@example.org>",)"
                R"("date":"Sat Mar 1 10:00:00 2025 +0000","subject":"s","message":"s\n\nbody\n"},)"
                R"("rows":[{"commit":")" +
                commit +
                R"(","verdict":"bad","values":[98.5,99.25],"unit":"ops/s","build_seconds":8.0,)"
                R"("test_seconds":20.5,"note":"end"}]})"};
}

/// Adds one boot to what a real labd would store.
void add_boot(lab::ports::ResultBatch& batch, const std::string& line) {
    const auto& benchmark = batch.benchmarks.front();
    const auto session = lab::new_uuid();
    batch.sessions.push_back({session, {}, "", "", ""});
    if (line.starts_with("error ")) {
        lab::ports::ErrorRecord error{batch.suts.front().name, batch.swprofiles.front().name,
                                      benchmark.id(), session};
        error.code = line[6] - '0';
        error.text = line.substr(8);
        batch.errors.push_back(std::move(error));
        return;
    }
    lab::ports::ResultRecord result{batch.suts.front().name, batch.swprofiles.front().name,
                                    benchmark.id(), "score", session};
    result.value = std::stod(line);
    batch.results.push_back(std::move(result));
}

/// Stores what a file beside the plan says of the next boots of a commit: one line for each, a
/// value, "error <code> <text>", "infra" or "endless".
Script measure(const plan::PlanSpec& spec, const std::filesystem::path& file) {
    const auto asked = lab::value_or_throw(plan::parse_plan(spec.text, spec.file));
    const auto& profile = asked.profiles.front();
    const auto lines = lab::split(lab::read_file(file), '\n');
    const auto stores = lab::adapters::make_result_stores("");
    const auto store = stores->open(spec.output, lab::ports::OpenMode::append);
    lab::ports::ResultFilter filter;
    filter.swprofiles = {profile.name};
    const auto taken = store->read(filter).sessions.size();
    const auto& include = asked.benchmarks.front().include;
    const auto slash = include.find('/');
    lab::ports::ResultBatch batch;
    batch.suts = {{asked.sut.name}};
    batch.swprofiles = {{profile.name, "", profile.kernel_git_sha}};
    batch.benchmarks = {{include.substr(0, slash), include.substr(slash + 1), "", "", {}}};
    batch.resultclasses = {{include, "score", "runs/min", lab::core::Direction::higher_is_better}};
    for (unsigned i = 0; i < asked.benchmarks.front().counts.sessions; ++i) {
        const auto& line = lines.at(taken + i);
        if (line == "infra") {
            return {{}, "{}", "", "disk full", "make room", 5};
        }
        if (line == "endless") {
            return {{{"phase", "invocation 1 of 1"}}, "{}", "", "", "", 0, true};
        }
        add_boot(batch, line);
    }
    store->append(batch);
    return {{}, "{}",
            "", batch.errors.empty() ? "" : "sessions gave no samples",
            "", batch.errors.empty() ? 0 : 1};
}

Script plan_script(const plan::PlanSpec& spec) {
    const auto file = std::filesystem::path(spec.file).parent_path() / "samples";
    if (std::filesystem::exists(file)) {
        return measure(spec, file);
    }
    return {{},
            R"({"store":")" + spec.output +
                R"(","sessions":2,"samples":4,"errors":0,"done":6,"invocations":6})"};
}

Script script_of(const plan::JobSpec& spec) {
    if (const auto* build = std::get_if<plan::BuildSpec>(&spec)) {
        return build_script(*build);
    }
    if (const auto* test = std::get_if<plan::TestSpec>(&spec)) {
        return test_script(*test);
    }
    if (const auto* bisect = std::get_if<plan::BisectSpec>(&spec)) {
        return bisect_script(*bisect);
    }
    if (const auto* create = std::get_if<plan::CreateSpec>(&spec)) {
        return {{},
                R"({"roots":[{"vm":")" + create->vms.front() +
                    R"(","machine":"pebble","state":"made","seconds":2.0}]})"};
    }
    if (const auto* start = std::get_if<plan::StartSpec>(&spec)) {
        return {{},
                R"({"vm":")" + start->target.vm + R"(","instance":"1f5e","session":)" +
                    (start->target.vm == "pebble-test" ? R"("console"})" : R"("ssh"})")};
    }
    if (const auto* plan = std::get_if<plan::PlanSpec>(&spec)) {
        return plan_script(*plan);
    }
    return {{}, R"({"installs":[{"id":"b/0123/t","state":"installed","seconds":1.5}]})"};
}

int serve() {
    const auto places = lab::api::find_places();
    lab::make_directory(places.state_dir);
    const lab::FileDescriptor lock(
        ::open((places.state_dir / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        std::fprintf(stderr, "labd: error: %s\n", lab::api::another_labd_runs.data());
        return 4;
    }
    lab::fakes::FakeJobService jobs(script_of);
    lab::fakes::FakeLabService services;
    lab::server::Server* running = nullptr;
    lab::fakes::FakeOutboxService outbox;
    lab::fakes::FakeSutService suts;
    lab::server::Server server(
        {jobs, services, outbox, suts},
        {places.socket(), places.state_dir, lab::api::program_version(), [&running] {
             running->stop();
         }});
    running = &server;
    server.run();
    return 0;
}

} // namespace

int main() {
    try {
        return serve();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "fake labd: %s\n", error.what());
        return 5;
    }
}
