// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/commit_changes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/handle.h"
#include "tests/contract/git/trees.h"

#include <fcntl.h>
#include <functional>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace lab::testing {
namespace {

using core::CommitId;
using ::testing::AnyOf;
using ::testing::HasSubstr;

/// A FIFO in place of a file: to open it waits until the end of the test.
class Fifo {
public:
    explicit Fifo(fs::path place) : place_(std::move(place)) {
        fs::remove(place_);
        fs::create_directories(place_.parent_path());
        EXPECT_EQ(::mkfifo(place_.c_str(), 0600), 0) << place_;
    }
    Fifo(const Fifo&) = delete;
    Fifo& operator=(const Fifo&) = delete;

    /// Whoever waits for it finds it empty.
    ~Fifo() { const FileDescriptor both(::open(place_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)); }

private:
    fs::path place_;
};

adapters::GitLimits impatient() {
    adapters::GitLimits limits;
    limits.patience = std::chrono::milliseconds(500);
    return limits;
}

/// A repository of two commits whose files are loose, and what reads all of it.
class StuckRepo {
public:
    StuckRepo() {
        repo_.write(".gitattributes", "* text=auto\n");
        repo_.write("file", "1");
        repo_.commit_all("first");
        repo_.write("file", "2");
        repo_.commit_all("second");
        repo_.git({"pack-refs", "--no-prune", "--all"});
    }

    void read_all() const {
        const auto repos = adapters::make_git_repos(impatient());
        const auto repo = repos->open(repo_.work());
        const auto bad = repo->resolve("main").value();
        const auto good = repo->resolve("main~1").value();
        static_cast<void>(repo->info(bad));
        static_cast<void>(repo->range({good}, bad, {.paths = {"file"}}));
        static_cast<void>(repo->is_ancestor(good, bad));
        static_cast<void>(repo->tree_distance(good, bad, {}));
        static_cast<void>(repo->write_delta(good, bad, repo_.scratch() / "tar", {}));
        static_cast<void>(repo->make_checkout(repo_.scratch() / "checkout")->check_out(bad, {}));
        static_cast<void>(adapters::make_commit_changes(impatient())->changes(repo_.work(), bad));
    }

    TestRepo repo_;
};

struct Place {
    const char* name;
    std::function<fs::path(const TestRepo&)> of;
    const char* message;
};

void PrintTo(const Place& place, std::ostream* out) {
    *out << place.name;
}

fs::path object(const TestRepo& repo, const std::string& revision) {
    const auto id = repo.git({"rev-parse", revision});
    return repo.work() / ".git/objects" / id.substr(0, 2) / id.substr(2);
}

constexpr const char* is_fifo = "is a FIFO (git needs a regular file)";
constexpr const char* hangs = "reading it does not go on";

class StuckAt : public ::testing::TestWithParam<Place> {};

TEST_P(StuckAt, IsTroubleOfTheEnvironmentAndNotForEver) {
    const StuckRepo stuck;
    const Fifo fifo(GetParam().of(stuck.repo_));

    try {
        stuck.read_all();
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::infra);
        EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
        EXPECT_THAT(error.what(), HasSubstr(stuck.repo_.work().string()));
        EXPECT_NE(error.hint(), "");
    }
}

template <class Text>
Place in_git(const char* name, Text file) {
    return {name, [file](const TestRepo& repo) { return repo.work() / ".git" / file; }, is_fifo};
}

INSTANTIATE_TEST_SUITE_P(
    Places, StuckAt,
    ::testing::Values(
        in_git("Head", "HEAD"), in_git("Config", "config"), in_git("Index", "index"),
        in_git("PackedRefs", "packed-refs"), in_git("Shallow", "shallow"),
        in_git("Alternates", "objects/info/alternates"),
        in_git("CommitGraph", "objects/info/commit-graph"), in_git("Attributes", "info/attributes"),
        in_git("Exclude", "info/exclude"), in_git("CommonDir", "commondir"),
        Place{"ConfigInclude",
              [](const TestRepo& repo) {
                  repo.git({"config", "include.path", "../included"});
                  return repo.work() / "included";
              },
              hangs},
        Place{"LooseReference",
              [](const TestRepo& repo) { return repo.work() / ".git/refs/heads/main"; }, hangs},
        Place{"LooseCommit", [](const TestRepo& repo) { return object(repo, "main~1"); }, hangs},
        Place{"LooseTree", [](const TestRepo& repo) { return object(repo, "main^{tree}"); }, hangs},
        Place{"LooseFile", [](const TestRepo& repo) { return object(repo, "main:file"); }, hangs},
        Place{"PackIndex",
              [](const TestRepo& repo) {
                  repo.git({"repack", "-q", "-a", "-d"});
                  for (const auto& entry :
                       fs::directory_iterator(repo.work() / ".git/objects/pack")) {
                      if (entry.path().extension() == ".idx") {
                          return entry.path();
                      }
                  }
                  return fs::path();
              },
              hangs},
        Place{"AttributesOfTheWorkTree",
              [](const TestRepo& repo) { return repo.work() / ".gitattributes"; }, hangs}),
    [](const auto& row) { return row.param.name; });

/// Patience that no test lasts.
adapters::GitLimits patient() {
    adapters::GitLimits limits;
    limits.patience = std::chrono::hours(1);
    return limits;
}

TEST(StuckRepository, HoldsUpNoOther) {
    const StuckRepo stuck;
    const StuckRepo other;
    stuck.repo_.git({"config", "include.path", "../included"});
    auto fifo = std::make_unique<Fifo>(stuck.repo_.work() / "included");
    const auto repos = adapters::make_git_repos(patient());
    auto waiting = std::async(std::launch::async, [&] { return repos->open(stuck.repo_.work()); });

    const auto head = repos->open(other.repo_.work())->resolve("main");

    EXPECT_EQ(waiting.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    EXPECT_EQ(head.value(), other.repo_.head());
    fifo.reset();
    EXPECT_NE(waiting.get(), nullptr) << "what hung for a while goes on";
}

TEST(StuckRepository, IsLeftWhenWorkIsCancelled) {
    const StuckRepo stuck;
    const auto repo = adapters::make_git_repos(patient())->open(stuck.repo_.work());
    const auto good = repo->resolve("main~1").value();
    const auto bad = repo->resolve("main").value();
    const Fifo fifo(object(stuck.repo_, "main^{tree}"));
    std::stop_source stop;
    auto waiting = std::async(std::launch::async,
                              [&] { return repo->changed_paths(good, bad, stop.get_token()); });
    EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);

    stop.request_stop();

    EXPECT_THROW(static_cast<void>(waiting.get()), Cancelled);
}

TEST(StuckRepository, DoesNotGatherThreads) {
    const StuckRepo stuck;
    stuck.repo_.git({"config", "include.path", "../included"});
    auto limits = impatient();
    limits.patience = std::chrono::milliseconds(100);
    const auto repos = adapters::make_git_repos(limits);
    std::vector<std::string> errors;
    {
        const Fifo fifo(stuck.repo_.work() / "included");
        for (int i = 0; i < 6; ++i) {
            try {
                static_cast<void>(repos->open(stuck.repo_.work()));
                ADD_FAILURE() << "it was opened";
            } catch (const Error& error) {
                errors.emplace_back(error.what());
            }
        }
    }
    fs::remove(stuck.repo_.work() / "included");

    EXPECT_THAT(errors.at(3), HasSubstr(hangs));
    EXPECT_THAT(errors.at(4), HasSubstr("earlier requests still hang in it"));
    EXPECT_EQ(errors.at(5), errors.at(4));
}

} // namespace
} // namespace lab::testing
