// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "base/json.h"
#include "engine/service.h"
#include "engine/sut_service.h"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace lab::fakes {

/// Time that all fakes share: 2025-03-01T10:00:00Z, so that printed times are always the same.
inline WallTime fake_time(double seconds = 0) {
    return from_epoch_seconds(1740823200.0 + seconds);
}

/// What a job of the fake does: its events, then its end.
struct Script {
    std::vector<std::pair<std::string, std::string>> events; ///< kind, text
    std::string result = "{}";
    std::string log = {};
    std::string error = {};
    std::string hint = {};
    int exit_code = 0;
    bool endless = false; ///< stays running until it is cancelled
};

/// Jobs in memory that follow a script; ids are counted: 01JOB000000000000000000001 and so on.
/// Thread-safe.
class FakeJobService : public engine::JobService {
public:
    /// Chooses the script of each job; called under the lock.
    using Director = std::function<Script(const plan::JobSpec&)>;

    explicit FakeJobService(Director director) : director_(std::move(director)) {}

    engine::Submitted submit(const engine::Submission& submission) override {
        const std::lock_guard lock(mutex_);
        const auto& [spec, config, idempotency_key, intent] = submission;
        engine::Submitted submitted{
            {}, std::string("title of ") + plan::kind_of(spec), plan::to_json(spec)};
        if (intent == engine::Intent::preview) {
            return submitted;
        }
        for (const auto& job : jobs_) {
            if (!idempotency_key.empty() && job.key == idempotency_key) {
                submitted.id = job.detail.summary.id;
                return submitted;
            }
        }
        Job job;
        job.script = director_(spec);
        job.key = idempotency_key;
        auto& summary = job.detail.summary;
        const auto number = std::to_string(jobs_.size() + 1);
        summary.id = "01JOB" + std::string(21 - number.size(), '0') + number;
        summary.kind = plan::kind_of(spec);
        summary.title = submitted.title;
        summary.created = fake_time();
        summary.started = fake_time(1);
        summary.state = engine::JobState::running;
        job.detail.spec_json = submitted.spec_json;
        job.detail.result_json = job.script.result;
        job.detail.steps = {{"step/one", "done", 1, fake_time(1), fake_time(3), "made it"}};
        for (const auto& [kind, text] : job.script.events) {
            add_event(job, kind, text);
        }
        if (!job.script.endless) {
            end(job, job.script.exit_code == 0 ? engine::JobState::done : engine::JobState::failed);
        }
        last_config_ = config;
        jobs_.push_back(std::move(job));
        changed_.notify_all();
        submitted.id = jobs_.back().detail.summary.id;
        return submitted;
    }

    std::vector<engine::JobSummary> jobs() override {
        if (!fail_with.empty()) {
            throw std::runtime_error(fail_with);
        }
        const std::lock_guard lock(mutex_);
        std::vector<engine::JobSummary> all;
        std::transform(jobs_.rbegin(), jobs_.rend(), std::back_inserter(all),
                       [](const Job& job) { return job.detail.summary; });
        return all;
    }

    engine::JobDetail job(const std::string& id) override {
        const std::lock_guard lock(mutex_);
        return find(id).detail;
    }

    engine::EventPage events(const std::string& id, std::uint64_t after, Duration wait) override {
        std::unique_lock lock(mutex_);
        const auto& job = find(id);
        const auto ready = [&] {
            return job.events.size() > after || engine::is_final(job.detail.summary.state);
        };
        changed_.wait_for(lock, wait, ready);
        engine::EventPage page;
        page.state = job.detail.summary.state;
        const auto first = std::min<std::size_t>(after, job.events.size());
        page.events.assign(job.events.begin() + static_cast<std::ptrdiff_t>(first),
                           job.events.end());
        return page;
    }

    engine::LogChunk log(const std::string& id, std::uint64_t offset, std::size_t limit) override {
        const std::lock_guard lock(mutex_);
        const auto& job = find(id);
        const auto start = std::min<std::size_t>(offset, job.script.log.size());
        auto bytes = job.script.log.substr(start, limit);
        const auto next = start + bytes.size();
        const bool last =
            engine::is_final(job.detail.summary.state) && next == job.script.log.size();
        return {std::move(bytes), next, last};
    }

    bool cancel(const std::string& id) override {
        const std::lock_guard lock(mutex_);
        auto& job = find(id);
        if (engine::is_final(job.detail.summary.state)) {
            return false;
        }
        job.script.exit_code = 130;
        end(job, engine::JobState::cancelled);
        changed_.notify_all();
        return true;
    }

    void resume(const std::string& id, const std::vector<std::string>& skip) override {
        const std::lock_guard lock(mutex_);
        auto& job = find(id);
        if (job.detail.summary.kind != "bisect") {
            throw Error(ErrorCode::conflict, "job " + id + ": not a bisection");
        }
        skipped = skip;
        job.script.exit_code = 0;
        end(job, engine::JobState::done);
        changed_.notify_all();
    }

    std::string bisect_log(const std::string& id) override {
        const std::lock_guard lock(mutex_);
        return "git bisect start\n# of " + find(id).detail.summary.id + "\n";
    }

    std::vector<std::string> skipped; ///< of the latest resume()
    std::string fail_with;            ///< jobs() throws it as an exception that is no Error

    /// The configuration of the latest submission.
    engine::ConfigText last_config() {
        const std::lock_guard lock(mutex_);
        return last_config_;
    }

private:
    struct Job {
        Script script;
        std::string key;
        engine::JobDetail detail;
        std::vector<engine::JobEvent> events;
    };

    static void add_event(Job& job, const std::string& kind, const std::string& text) {
        const nlohmann::json data{{"text", text}};
        job.events.push_back({job.events.size() + 1, fake_time(2), kind, data.dump()});
    }

    static void end(Job& job, engine::JobState state) {
        auto& summary = job.detail.summary;
        summary.state = state;
        summary.exit_code = job.script.exit_code;
        summary.error = job.script.error;
        summary.hint = job.script.hint;
        summary.ended = fake_time(13);
    }

    Job& find(const std::string& id) {
        if (id == "@last" && !jobs_.empty()) {
            return jobs_.back();
        }
        for (auto& job : jobs_) {
            if (!id.empty() && job.detail.summary.id.rfind(id, 0) == 0) {
                return job;
            }
        }
        throw Error(ErrorCode::not_found, "job " + id + ": there is none",
                    "see them with: lab job list");
    }

    Director director_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::list<Job> jobs_;
    engine::ConfigText last_config_;
};

/// An outbox with one letter of each state. Thread-safe: it never changes but for its watches.
class FakeOutboxService : public engine::OutboxService {
public:
    std::vector<engine::LetterInfo> letters() override {
        return {{"01LETTER00000000000000001", "done: build a", "phone", "/x/lab.yaml", "waiting", 2,
                 fake_time(), fake_time(4), "HTTP 503"},
                {"01LETTER00000000000000002", "failed: test b", "chat", "/x/lab.yaml", "dead", 1,
                 fake_time(1), std::nullopt, "HTTP 404: no_service"}};
    }

    std::size_t retry(const engine::LetterIds& ids) override { return count(ids); }
    std::size_t drop(const engine::LetterIds& ids) override { return count(ids); }

    void watch(const std::string& job, const std::string& channel,
               const engine::ConfigText& config) override {
        if (config.text.find(channel + ":") == std::string::npos) {
            throw Error(ErrorCode::not_found, "channel '" + channel + "': is not in lab.yaml",
                        "lab notify list");
        }
        const std::lock_guard lock(mutex_);
        watches_.emplace_back(job, channel);
    }

    /// Jobs with the channels that are told of their end.
    std::vector<std::pair<std::string, std::string>> watches() {
        const std::lock_guard lock(mutex_);
        return watches_;
    }

private:
    std::size_t count(const engine::LetterIds& ids) {
        const auto all = letters();
        for (const auto& id : ids) {
            if (std::none_of(all.begin(), all.end(),
                             [&](const auto& letter) { return letter.id == id; })) {
                throw Error(ErrorCode::not_found, "message '" + id + "': is not in the outbox",
                            "lab notify outbox list");
            }
        }
        return ids.empty() ? all.size() : ids.size();
    }

    std::mutex mutex_;
    std::vector<std::pair<std::string, std::string>> watches_;
};

/// Two machines; adding and forgetting is as real. Thread-safe.
class FakeSutService : public engine::SutService {
public:
    FakeSutService() {
        suts_.push_back({box("box-1", {}), engine::SutUse::free});
        suts_.push_back(
            {box("box-2", "no answer within 10 m after the boot"), engine::SutUse::quarantined});
    }

    std::vector<engine::SutStatus> suts() override {
        const std::lock_guard lock(mutex_);
        return suts_;
    }

    ports::HostKey host_key(const plan::SshAddress& address) override {
        if (address.host == "gone") {
            throw ports::NoAnswer("root@gone:22: no SSH answer within 15 s: Connection refused",
                                  "Is it switched on and reachable from here? Try: ssh gone");
        }
        return {"ssh-ed25519 AAAA", "SHA256:abc", ports::KnownHost::no};
    }

    void add(const ports::Sut& sut) override {
        const std::lock_guard lock(mutex_);
        suts_.push_back({sut, engine::SutUse::free});
    }

    engine::Fingerprint fingerprint(const std::string& name) override {
        const std::lock_guard lock(mutex_);
        static_cast<void>(find(name));
        engine::Fingerprint made;
        made.hardware.host_name = name;
        made.hardware.architecture = "x86_64";
        made.hardware.cpu_count = 1;
        made.hardware.cpus = {{0, {{"model name", "Z80"}}}};
        made.hardware.memory = 1U << 30U;
        made.hardware.vendor_name = "Acme";
        made.hardware.product_name = "Box 9";
        made.kernel_name = "Linux 6.1.0-18-amd64";
        made.userspace_name = "Debian GNU/Linux 12 (bookworm)";
        return made;
    }

    void remove(const std::string& name) override {
        const std::lock_guard lock(mutex_);
        suts_.erase(find(name));
    }

    void release(const std::string& name) override {
        const std::lock_guard lock(mutex_);
        const auto found = find(name);
        if (found->sut.quarantine.empty()) {
            throw Error(ErrorCode::conflict, name + ": is not quarantined");
        }
        found->sut.quarantine.clear();
        found->use = engine::SutUse::free;
    }

private:
    static ports::Sut box(const std::string& name, const std::string& quarantine) {
        ports::Sut sut;
        sut.name = name;
        sut.address.host = name + ".example.org";
        sut.fingerprint = "SHA256:abc";
        sut.power_cycle = {"pdu", "cycle", "port 7"};
        sut.quarantine = quarantine;
        return sut;
    }

    std::vector<engine::SutStatus>::iterator find(const std::string& name) {
        const auto found = std::find_if(suts_.begin(), suts_.end(),
                                        [&](const auto& one) { return one.sut.name == name; });
        if (found == suts_.end()) {
            throw Error(ErrorCode::not_found, name + ": no machine of that name was added",
                        "see: lab sut list");
        }
        return found;
    }

    std::mutex mutex_;
    std::vector<engine::SutStatus> suts_;
};

/// A lab with one of everything. Thread-safe: it never changes but for its stopped VMs.
class FakeLabService : public engine::LabService {
public:
    std::vector<engine::VmStatus> vms(const engine::ConfigText&) override {
        return {{"pebble-build", "build", "debian-12", "ready", "", 2, gibibytes(1)},
                {"pebble-test", "test", "pebble", "missing", "", 1, mebibytes(512)}};
    }

    void stop_vm(const std::string& name) override { require_running(name); }

    engine::VmAccess access(const std::string& name) override {
        require_running(name);
        if (name == "pebble-test") {
            return {"console", "", 0, "", "", "", "/nowhere/console.sock", "/nowhere/console.log"};
        }
        return {"ssh", "127.0.0.1", 40022, "root", "/keys/id", "/keys/known_hosts", "", ""};
    }

    std::vector<engine::TemplateInfo> templates(const engine::ConfigText&) override {
        return {
            {"debian-12", "Debian build machine", "/t/debian-12", "name: debian-12\n", false, true},
            {"pebble", "A small operating system", "/t/pebble", "name: pebble\n", true, false}};
    }

    std::vector<ports::Image> images() override { return {image()}; }

    ports::GarbageReport collect(const engine::Collection&) override {
        return {{image()}, {}, {}, mebibytes(12)};
    }

    std::vector<ports::VerifyResult> verify() override {
        return {{image(), broken_image ? "disk.qcow2: digest differs" : ""}};
    }

    std::vector<engine::DoctorCheck> doctor() override {
        return {{"qemu", "ok", "QEMU 7.2 is there", ""},
                {"kvm", "warn", "KVM hangs at a 64-bit guest", "guests run under TCG"}};
    }

    bool broken_image = false;

private:
    static void require_running(const std::string& name) {
        if (name != "pebble-build" && name != "pebble-test") {
            throw Error(ErrorCode::not_found, "VM " + name + ": is not started",
                        "start it with: lab vm start " + name);
        }
    }

    static ports::Image image() {
        ports::Image image;
        image.kind = ports::ImageKind::build;
        image.key = std::string(64, 'a');
        image.directory = "/images/build/aaaa";
        image.digest = std::string(64, 'b');
        image.size = mebibytes(12);
        image.depth = 1;
        image.labels = {{"vm", "pebble-build"},
                        {"commit", "0123456789abcdef0123456789abcdef01234567"}};
        image.created = fake_time();
        return image;
    }
};

} // namespace lab::fakes
