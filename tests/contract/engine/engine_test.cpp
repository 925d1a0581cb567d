// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"

#include "adapters/store/sqlite_outbox.h"
#include "adapters/store/sqlite_store.h"
#include "base/error.h"
#include "base/files.h"
#include "base/ids.h"
#include "tests/fakes/fake_cpu_placement.h"
#include "tests/fakes/fake_hypervisor.h"
#include "tests/fakes/fake_sessions.h"
#include "tests/fakes/no_containers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <new>
#include <regex>

namespace lab::engine {
namespace {

using testing::HasSubstr;

/// Throws something that is no Error.
using Throw = void (*)();

struct Trouble {
    const char* name;
    Throw raise;
    const char* text; ///< of the job's error
};

const std::vector<Trouble>& troubles() {
    static const std::vector<Trouble> all{
        {"FileSystem",
         [] {
             throw std::filesystem::filesystem_error(
                 "cannot look at it", "a\xff\x1b[2J",
                 std::make_error_code(std::errc::too_many_symbolic_link_levels));
         },
         "symbolic links"},
        {"Json", [] { static_cast<void>(nlohmann::json("\xff").dump()); }, "invalid UTF-8"},
        {"OutOfRange", [] { static_cast<void>(std::vector<int>().at(7)); }, "unexpected: "},
        {"NoMemory", [] { throw std::bad_alloc(); }, "bad_alloc"},
        {"Regex", [] { static_cast<void>(std::regex("(")); }, "unexpected: "},
        {"NoStandardType", [] { throw 7; }, "unknown type"},
    };
    return all;
}

/// Every port that a job comes upon first: each call ends in the trouble.
class Troubled final : public ports::SourceRepos,
                       public ports::ImageStore,
                       public ports::RootMaker,
                       public ports::BootFiles,
                       public ports::ResultStores {
public:
    explicit Troubled(Throw raise) : raise_(raise) {}

    std::shared_ptr<ports::SourceRepo> open(const std::filesystem::path&) override {
        return fail<std::shared_ptr<ports::SourceRepo>>();
    }

    std::unique_ptr<ports::ResultStore> open(const std::string&, ports::OpenMode) override {
        return fail<std::unique_ptr<ports::ResultStore>>();
    }

    ports::ImageLease find(ports::ImageKind, const std::string&) override {
        return fail<ports::ImageLease>();
    }

    std::vector<ports::ImageLease> list(std::optional<ports::ImageKind>) override {
        return deep_images;
    }

    std::unique_ptr<ports::ImageDraft> begin(const ports::DraftRequest&) override {
        return fail<std::unique_ptr<ports::ImageDraft>>();
    }

    void make_overlay(const ports::Image&, const std::filesystem::path&) override { raise_(); }

    ports::GarbageReport collect(const ports::GarbageRequest&) override {
        return fail<ports::GarbageReport>();
    }

    std::vector<ports::VerifyResult> verify(const std::stop_token&) override { return {}; }

    void flatten(const std::string&, const std::stop_token&) override {
        ++flattened;
        raise_();
    }

    std::string key_of(const ports::RootRequest&) override { return fail<std::string>(); }

    ports::ImageLease make(const ports::RootRequest&,
                           const std::function<void(const std::string&)>&,
                           const std::function<void(std::string_view)>&,
                           const std::stop_token&) override {
        return fail<ports::ImageLease>();
    }

    void extract(const std::filesystem::path&, const std::vector<ports::BootFile>&) override {
        raise_();
    }

    std::vector<ports::ImageLease> deep_images;
    std::atomic<int> flattened = 0;

private:
    template <class Result>
    Result fail() {
        raise_();
        return {};
    }

    Throw raise_;
};

class NoNotifier final : public ports::Notifier {
public:
    std::string preview(const plan::Channel&, const notify::Message&) override { throw 7; }

    notify::Judgement send(const plan::Channel&, const notify::Message&,
                           const ports::Patience&) override {
        ++asked;
        raise();
        return {};
    }

    Throw raise = [] {
        throw 7;
    };
    std::atomic<int> asked = 0;
};

/// An engine on a real store, whose jobs are in trouble at the first thing that they ask for.
class Stand {
public:
    explicit Stand(Throw raise) : ports_(raise) { notifier_.raise = raise; }

    /// Puts a letter into the outbox that waits to be sent.
    void leave_letter(const std::string& channel) {
        ports::Letter letter;
        letter.id = new_ulid();
        letter.key = channel;
        letter.to = {"/nowhere/lab.yaml", channel};
        letter.config_text =
            "notify: {channels: {" + channel + ": {type: exec, command: [nothing]}}}\n";
        letter.message = "{}";
        letter.created = letter.due = std::chrono::system_clock::now();
        letter.expires = letter.due + notify::longest_life;
        outbox_.add(letter.key, {letter});
    }

    [[nodiscard]] int letters_tried() const { return notifier_.asked; }

    /// Puts a job there as an earlier labd left it.
    std::string leave(const plan::JobSpec& spec, const char* state = "queued") {
        ports::JobRow row;
        row.id = new_ulid();
        row.kind = plan::kind_of(spec);
        row.title = "x";
        row.spec_json = plan::to_json(spec);
        row.config_path = (directory_.path() / "lab.yaml").string();
        row.config_text = "sources: {s: {path: /nowhere}}\n"
                          "build_vms: {b: {machine: debian-12, source: s, recipe: pebble}}\n"
                          "test_vms: {t: {machine: pebble}}\n";
        row.state = state;
        store_.put_job(row);
        return row.id;
    }

    void start(EarlierEnd end = EarlierEnd::orderly) {
        const ports::LabKeys keys;
        dependencies_ = std::make_unique<Dependencies>(
            Dependencies{store_,
                         store_,
                         store_,
                         store_,
                         ports_,
                         ports_,
                         trees_,
                         containers_,
                         ports_,
                         ports_,
                         hypervisor_,
                         placement_,
                         sessions_,
                         ports_,
                         keys,
                         "",
                         directory_.path(),
                         {std::filesystem::path(LAB_SOURCE_DIR) / "vm-templates"}});
        news_ = std::make_unique<News>(store_, outbox_, notifier_,
                                       [](const auto&) { return std::nullopt; });
        engine_ = std::make_unique<Engine>(*dependencies_, *news_);
        engine_->start(end);
    }

    ports::JobRow ended(const std::string& id) {
        const auto deadline = Deadline::in(std::chrono::seconds(40));
        std::uint64_t seen = 0;
        while (!deadline.passed()) {
            const auto page = engine_->events(id, seen, std::chrono::milliseconds(200));
            seen = page.events.empty() ? seen : page.events.back().sequence;
            if (is_final(page.state)) {
                break;
            }
        }
        return row(id);
    }

    ports::JobRow row(const std::string& id) { return store_.jobs({id, {}, 1}).at(0); }
    Engine& engine() { return *engine_; }
    Troubled& troubled() { return ports_; }
    adapters::SqliteStore& store() { return store_; }

private:
    TemporaryDirectory directory_{std::filesystem::temp_directory_path(), "engine-"};
    adapters::SqliteStore store_{directory_.path() / "lab.db"};
    adapters::SqliteOutbox outbox_{directory_.path() / "outbox.db"};
    Troubled ports_;
    fakes::FakeHypervisor hypervisor_;
    fakes::FakeCpuPlacement placement_;
    fakes::NoTrees trees_;
    fakes::NoContainers containers_;
    fakes::FakeSessions sessions_;
    NoNotifier notifier_;
    std::unique_ptr<Dependencies> dependencies_;
    std::unique_ptr<News> news_;
    std::unique_ptr<Engine> engine_;
};

struct Kind {
    const char* name;
    plan::JobSpec spec;
};

const std::string some_commit(40, 'a');

std::vector<Kind> kinds() {
    const plan::BuildTarget build{"b", "x", some_commit};
    plan::TestSpec test;
    test.target = {"t", build};
    test.check.command = "true";
    plan::BisectSpec machines;
    machines.good = machines.bad = some_commit;
    machines.vm = "b";
    machines.on = "t";
    machines.check.command = "true";
    auto local = machines;
    local.vm = local.on = local.check.command = "";
    local.local = plan::LocalCheck{"/nowhere", {"true"}};
    plan::PlanSpec plan;
    plan.file = "/nowhere/plan.yaml";
    plan.output = "/nowhere/store";
    plan.text = "x: 1\n";
    return {{"Create", plan::CreateSpec{{"b"}}},
            {"Build", plan::BuildSpec{{build}}},
            {"Install", plan::InstallSpec{{{build, "t"}}, ""}},
            {"Test", test},
            {"Bisect", machines},
            {"LocalBisect", local},
            {"Start", plan::StartSpec{{"b", {}}}},
            {"Plan", plan}};
}

class ForeignException : public testing::TestWithParam<std::size_t> {};

TEST_P(ForeignException, FailsTheJobAndNothingElse) {
    const auto& trouble = troubles().at(GetParam());
    Stand stand(trouble.raise);
    std::map<std::string, std::string> jobs;
    for (const auto& kind : kinds()) {
        jobs[kind.name] = stand.leave(kind.spec);
    }

    stand.start();

    for (const auto& [name, id] : jobs) {
        const auto row = stand.ended(id);
        EXPECT_EQ(row.state, "failed") << name;
        if (name == std::string("Plan")) { // its text is refused before it asks for anything
            EXPECT_EQ(row.exit_code, 2);
            continue;
        }
        EXPECT_EQ(row.exit_code, 5) << name << ": " << row.error;
        EXPECT_THAT(row.error, HasSubstr(trouble.text)) << name;
        EXPECT_EQ(row.error.find('\x1b'), std::string::npos) << name;
    }
}

TEST_P(ForeignException, LeavesTheFlattenerAtWork) {
    Stand stand(troubles().at(GetParam()).raise);
    for (const auto* key : {"one", "two"}) {
        auto image = std::make_shared<ports::Image>();
        image->key = key;
        image->depth = 100;
        stand.troubled().deep_images.push_back(image);
    }

    stand.start();

    const auto deadline = Deadline::in(std::chrono::seconds(20));
    while (stand.troubled().flattened < 2 && !deadline.passed()) {
        sleep_for(std::chrono::milliseconds(5), {});
    }
    EXPECT_EQ(stand.troubled().flattened, 2);
}

TEST_P(ForeignException, LeavesTheMessengersAtWork) {
    Stand stand(troubles().at(GetParam()).raise);
    stand.leave_letter("one");
    stand.leave_letter("two");

    stand.start();

    const auto deadline = Deadline::in(std::chrono::seconds(20));
    while (stand.letters_tried() < 2 && !deadline.passed()) {
        sleep_for(std::chrono::milliseconds(5), {});
    }
    EXPECT_EQ(stand.letters_tried(), 2);
}

INSTANTIATE_TEST_SUITE_P(Types, ForeignException, testing::Range<std::size_t>(0, 6),
                         [](const auto& row) { return troubles().at(row.param).name; });

void raise_nothing() {}

TEST(Crash, OfASecondTimeEndsTheJobsThatRan) {
    const auto spec = kinds().at(1).spec;
    Stand stand(troubles().at(0).raise);
    const auto suspect = stand.leave(spec, "running");
    const auto waiting = stand.leave(spec, "queued");
    auto row = stand.row(suspect);
    row.crashes = 1;
    stand.store().put_job(row);

    stand.start(EarlierEnd::crash);

    EXPECT_THAT(stand.row(suspect).error, HasSubstr("labd crashed 2 times while this job ran"));
    EXPECT_EQ(stand.row(suspect).state, "failed");
    EXPECT_THAT(stand.ended(waiting).error, HasSubstr("symbolic links")); // it was started
}

TEST(Crash, OfAFirstTimeIsRemembered) {
    Stand stand(troubles().at(0).raise);
    const auto job = stand.leave(kinds().at(1).spec, "running");

    stand.start(EarlierEnd::crash);

    EXPECT_THAT(stand.ended(job).error, HasSubstr("symbolic links"));
    EXPECT_EQ(stand.row(job).crashes, 1U);
}

TEST(Crash, IsNotWhatAnOrderlyEndOrAKillIs) {
    Stand stand(troubles().at(0).raise);
    const auto job = stand.leave(kinds().at(1).spec, "running");
    auto row = stand.row(job);
    row.crashes = 1;
    stand.store().put_job(row);

    stand.start();

    EXPECT_THAT(stand.ended(job).error, HasSubstr("symbolic links"));
}

TEST(Cancel, EndsAJobThatHasNoThread) {
    Stand stand(&raise_nothing);
    stand.start();
    const auto job = stand.leave(kinds().at(1).spec, "running"); // as if its thread had ended

    const bool cancelled = stand.engine().cancel(job);

    EXPECT_TRUE(cancelled);
    EXPECT_EQ(stand.row(job).state, "cancelled");
    EXPECT_EQ(stand.row(job).exit_code, 130);
    EXPECT_FALSE(stand.engine().cancel(job));
}

TEST(Steps, ThatADeadDaemonLeftRunningAreStopped) {
    Stand stand(troubles().at(0).raise);
    const auto job = stand.leave(kinds().at(1).spec, "running");
    ports::StepRow step;
    step.job = job;
    step.key = "build/b/x";
    step.state = "running";
    step.started = from_epoch_seconds(1000);
    stand.store().put_step(step);
    stand.store().add_event(job, {0, from_epoch_seconds(1060), "phase", "{}"});

    stand.start();

    static_cast<void>(stand.ended(job));
    const auto steps = stand.engine().job(job).steps;
    ASSERT_FALSE(steps.empty());
    EXPECT_EQ(steps[0].state, "stopped");
    EXPECT_EQ(steps[0].ended, from_epoch_seconds(1060));
}

} // namespace
} // namespace lab::engine
