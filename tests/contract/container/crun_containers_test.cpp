// SPDX-License-Identifier: Apache-2.0
#include "adapters/container/crun_containers.h"
#include "images/layer_merge.h"
#include "images/store.h"
#include "images/tree_store.h"
#include "tests/fakes/memory_image_index.h"

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/process_table.h"
#include "base/text.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <sys/stat.h>
#include <thread>

namespace lab::adapters {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ports::CommandEnd;
using ports::CommandResult;

/// Containers of a root that holds busybox alone.
class Container : public ::testing::Test {
protected:
    void SetUp() override {
        const auto support = containers_->support();
        if (!support.works) {
            GTEST_SKIP() << support.reason << ": " << support.fix;
        }
        make_root();
    }

    /// Publishes an image with the files of a directory as its tree.
    ports::ImageLease publish(ports::ImageKind kind, char key, const fs::path& files,
                              const ports::ImageLease& parent = nullptr) {
        const auto draft = store_->begin({.kind = kind,
                                          .key = std::string(64, key),
                                          .parent = parent,
                                          .content = ports::Content::tree});
        const auto tree = draft->directory() / "tree.tar.zst";
        run_process_checked({.argv = {"tar", "--zstd", "--owner=0", "--group=0", "-cf",
                                      tree.string(), "-C", files.string(), "."}});
        return draft->publish({});
    }

    void make_root() {
        const auto files = home_.path() / "root";
        for (const char* name : {"bin", "dev", "etc", "proc", "root", "run", "tmp", "var/tmp"}) {
            fs::create_directories(files / name);
        }
        fs::copy("/bin/busybox", files / "bin/busybox");
        for (const char* name :
             {"sh",   "cat",   "ls",    "id",    "touch",   "sleep", "rm", "mkdir",
              "stat", "chown", "chmod", "mount", "unshare", "wget",  "dd", "uname",
              "seq",  "grep",  "mknod", "ln",    "dmesg",   "mv"}) {
            fs::create_symlink("busybox", files / "bin" / name);
        }
        root_ = trees_->unpack(*publish(ports::ImageKind::root, 'a', files), {});
    }

    ports::ContainerSpec spec() {
        ports::ContainerSpec spec;
        spec.root = root_;
        spec.workspace = workspace_ = trees_->begin_workspace();
        spec.memory = gibibytes(1);
        spec.file_size = mebibytes(64);
        return spec;
    }

    CommandResult run(const ports::ContainerSpec& spec, const std::string& command,
                      Duration timeout = 30s, const std::stop_token& stop = {}) {
        ports::GuestCommand guest;
        guest.command = command;
        guest.timeout = timeout;
        return containers_->open(spec)->run(
            guest, [](std::string_view) {}, stop);
    }

    CommandResult run(const std::string& command) { return run(spec(), command); }

    TemporaryDirectory home_{fs::temp_directory_path(), "lab-c-"};
    fs::path directory_ = home_.path() / "trees";
    std::unique_ptr<ports::TreeStore> trees_ = images::open_tree_store(directory_);
    fakes::MemoryImageIndex index_;
    std::unique_ptr<ports::ImageStore> store_ =
        images::open_store(home_.path() / "images", index_, trees_.get());
    std::unique_ptr<ports::Containers> containers_ = make_crun_containers(directory_);
    ports::TreeLease root_;
    std::shared_ptr<ports::Workspace> workspace_;
};

TEST_F(Container, RunsAsRootAndHandsOutItsOutputAndExitCode) {
    const auto result = run("id -u; echo wrong >&2; exit 7");

    EXPECT_EQ(result.end, CommandEnd::exited);
    EXPECT_EQ(result.exit_code, 7);
    EXPECT_NE(result.output.find("0\n"), std::string::npos);
    EXPECT_NE(result.output.find("wrong\n"), std::string::npos);
}

TEST_F(Container, ReadsWhatItIsTold) {
    ports::GuestCommand guest;
    guest.command = "sh -s";
    guest.standard_input = "echo told; exit 3\n";

    const auto result = containers_->open(spec())->run(guest, [](std::string_view) {}, {});

    EXPECT_EQ(result.exit_code, 3);
    EXPECT_EQ(result.output, "told\n");
}

TEST_F(Container, IsRootOfItsOwnFilesAlone) {
    const auto mine = spec();

    const auto result = run(mine, "touch /lab/build/f && chown 7:8 /lab/build/f && "
                                  "chmod 4755 /lab/build/f && stat -c '%u %g %a' /lab/build/f");

    EXPECT_EQ(result.output, "7 8 4755\n");
    struct stat status {};
    ASSERT_EQ(::lstat((workspace_->upper() / "f").c_str(), &status), 0);
    EXPECT_NE(status.st_uid, 7U);
    EXPECT_NE(status.st_uid, 0U);
}

TEST_F(Container, CannotWriteItsRootItsInputOrTheKernelsSettings) {
    for (const std::string file : {"/etc/x", "/lab/in/x", "/x", "/proc/sys/kernel/hostname"}) {
        EXPECT_NE(run("echo x >" + file).exit_code, 0) << file;
    }
    EXPECT_EQ(run("touch /tmp/x /run/x /var/tmp/x /lab/out/x /lab/build/x").exit_code, 0);
}

TEST_F(Container, SeesNothingOfTheHost) {
    const auto secret = home_.path() / "secret";
    write_file(secret, "x");

    EXPECT_NE(run("cat " + secret.string()).exit_code, 0);
    EXPECT_NE(run("ls /mnt/").exit_code, 0);
    // Its processes are the wrapper, the command's shell and those that it starts.
    EXPECT_EQ(run("ls /proc | grep -c '^[0-9]*$'").output.substr(0, 1), "4");
    EXPECT_EQ(run("cat /proc/sys/kernel/hostname").output, "lab\n");
}

TEST_F(Container, HasNoNetworkAndMakesNoNamespaces) {
    EXPECT_EQ(run("grep -c : /proc/net/dev").output, "1\n"); // the loopback
    EXPECT_NE(run("unshare -U true").exit_code, 0);
    EXPECT_NE(run("unshare -m true").exit_code, 0);
    EXPECT_NE(run("mount -t tmpfs none /tmp").exit_code, 0);
    EXPECT_NE(run("mknod /lab/build/d b 8 0").exit_code, 0);
    EXPECT_EQ(run("grep NoNewPrivs /proc/self/status").output, "NoNewPrivs:\t1\n");
    EXPECT_EQ(run("grep Seccomp: /proc/self/status").output, "Seccomp:\t2\n");
}

TEST_F(Container, EndsAtItsTimeLimitWithAllThatItStarted) {
    const auto mine = spec();

    const auto result = run(mine, "(while :; do touch /lab/build/beat; done) & sleep 1000", 1s);

    EXPECT_EQ(result.end, CommandEnd::timed_out);
    // Whatever wrote there is gone: what is removed now stays away.
    fs::remove(workspace_->upper() / "beat");
    EXPECT_EQ(run(mine, "sleep 1; ls /lab/build").output, "");
}

TEST_F(Container, EndsWhenItIsCancelled) {
    std::stop_source stop;
    const auto mine = spec();
    std::jthread cancel([&] {
        while (!fs::exists(workspace_->upper() / "there")) {
            std::this_thread::yield();
        }
        stop.request_stop();
    });

    EXPECT_THROW(
        static_cast<void>(run(mine, "touch /lab/build/there; sleep 1000", 100s, stop.get_token())),
        Cancelled);
}

TEST_F(Container, LeavesNothingRunningBehindItsCommand) {
    const auto mine = spec();

    EXPECT_EQ(run(mine, "(while :; do touch /lab/build/beat; done) & exit 0").exit_code, 0);

    fs::remove(workspace_->upper() / "beat");
    EXPECT_EQ(run(mine, "sleep 1; ls /lab/build").output, "");
}

TEST_F(Container, SaysThatItCouldNotRunRatherThanThatTheCommandFailed) {
    auto broken = spec();
    broken.layers = {std::make_shared<const fs::path>(directory_ / "absent")};

    EXPECT_THROW(static_cast<void>(run(broken, "exit 0")), Error);
    // The container's first process is out of reach of what runs in it.
    EXPECT_EQ(run("kill -9 1; exit 5").exit_code, 5);
}

TEST_F(Container, BoundsWhatAFileAndAProcessTake) {
    EXPECT_NE(run("dd if=/dev/zero of=/lab/build/f bs=1M count=65").exit_code, 0);
    EXPECT_EQ(run("dd if=/dev/zero of=/lab/build/f bs=1M count=63").exit_code, 0);
    EXPECT_NE(run("dd if=/dev/zero of=/dev/null bs=1100M count=1").exit_code, 0);
}

/// Layers: what is over another one hides it, also when it was packed and unpacked again.
TEST_F(Container, LayersKeepWhatWasRemovedOwnersTimesAndLinks) {
    auto first = spec();
    ASSERT_EQ(run(first,
                  "cd /lab/build; mkdir d e; echo 1 >d/a; echo 2 >d/b; echo 3 >e/c; "
                  "ln d/a hard; ln -s d/a soft; chown 3:4 d/b; touch -d '2020-01-02 03:04:05' d/b")
                  .exit_code,
              0);
    const auto keep = [&](char key, const ports::ImageLease& parent) {
        const auto draft = store_->begin({.kind = ports::ImageKind::build,
                                          .key = std::string(64, key),
                                          .parent = parent,
                                          .content = ports::Content::tree});
        trees_->pack(*workspace_, draft->directory() / "tree.tar.zst", {});
        return draft->publish({});
    };
    const auto lower = keep('1', nullptr);
    auto second = spec();
    second.layers = {trees_->unpack(*lower, {})};
    ASSERT_EQ(run(second, "cd /lab/build; rm d/a; rm -r e; mkdir e; echo 5 >e/new").exit_code, 0);
    const auto upper = keep('2', lower);
    ASSERT_EQ(upper->depth, 1U);

    auto third = spec();
    third.layers = {trees_->unpack(*upper, {}), trees_->unpack(*lower, {})};
    const auto seen = run(third, "cd /lab/build; ls d e; cat hard; stat -c '%u %g %Y' d/b");

    EXPECT_EQ(seen.output, "d:\nb\n\ne:\nnew\n1\n3 4 1577934245\n");
    for (const auto& result : store_->verify({})) {
        EXPECT_EQ(result.problem, "");
    }
}

/// A chain of layers, each made by a command over those below.
class Chain : public Container {
protected:
    void add(const std::string& command) {
        auto mine = spec();
        mine.layers = trees();
        ASSERT_EQ(run(mine, "cd /lab/build; " + command).exit_code, 0) << command;
        const auto draft = store_->begin({.kind = ports::ImageKind::build,
                                          .key = std::string(64, static_cast<char>('1' + made_++)),
                                          .parent = chain_.empty() ? nullptr : chain_.front(),
                                          .content = ports::Content::tree});
        trees_->pack(*workspace_, draft->directory() / "tree.tar.zst", {});
        chain_.insert(chain_.begin(), draft->publish({}));
    }

    std::vector<ports::TreeLease> trees() {
        std::vector<ports::TreeLease> trees;
        for (const auto& image : chain_) {
            trees.push_back(trees_->unpack(*image, {}));
        }
        return trees;
    }

    /// All that is there, with owners, modes, times and content, without counts of links:
    /// overlayfs says of a directory in several layers that it has one.
    std::string seen() {
        auto mine = spec();
        mine.layers = trees();
        const auto all =
            run(mine, "cd /lab/build; ls -lnRA --full-time .; "
                      "for f in * */* */*/*; do if [ -f $f ]; then echo $f; cat $f; fi; done")
                .output;
        return std::regex_replace(all, std::regex("([drwxst-]{10}) +[0-9]+"), "$1");
    }

    void flatten() {
        store_->flatten(chain_.front()->key, {});
        const auto top = store_->find(ports::ImageKind::build, chain_.front()->key);
        chain_ = {top, store_->find(ports::ImageKind::build, top->parent)};
    }

    std::vector<ports::ImageLease> chain_; ///< the nearest first
    int made_ = 0;
};

TEST_F(Chain, IsFlattenedToOneLayerOverItsLowest) {
    add("mkdir a b c d e; echo 1 >a/1; echo 2 >a/2; echo 3 >b/3; mkdir c/deep; echo 4 >c/deep/4; "
        "echo 5 >d/5; echo 6 >e/6; echo 7 >seven");
    add("rm a/1; rm -r b; mkdir b; echo 8 >b/8; rm -r c; echo file >c; chown 3:4 d/5; chmod 4711 "
        "e/6");
    add("echo 9 >b/9; rm c; mkdir c; echo 10 >c/10; rm d/5; ln -s seven link; mkdir new; echo n "
        ">new/n; "
        "ln new/n new/m");
    add("rm -r new; echo 11 >a/1; echo 12 >>e/6; rm seven");
    const auto before = seen();
    const auto lowest = chain_.back()->key;

    flatten();

    EXPECT_EQ(seen(), before);
    EXPECT_EQ(chain_.front()->depth, 1U);
    EXPECT_EQ(chain_.back()->key, lowest);
    for (const auto& result : store_->verify({})) {
        EXPECT_EQ(result.problem, "");
    }
    EXPECT_NE(before.find("11\n"), std::string::npos) << before;
}

TEST_F(Chain, IsFlattenedAgainAndKeepsWhatLiesOverIt) {
    add("mkdir a; echo 1 >a/1; echo 2 >a/2");
    add("rm a/1");
    add("echo 3 >a/3");
    flatten();
    add("rm -r a; mkdir a; echo 4 >a/4");
    add("echo 5 >a/5");
    const auto before = seen();
    const auto middle = chain_[1];

    store_->flatten(middle->key, {});
    chain_[1] = store_->find(ports::ImageKind::build, middle->key);
    chain_.erase(chain_.begin() + 2, chain_.end() - 1);

    EXPECT_EQ(chain_.size(), 3U);
    EXPECT_EQ(seen(), before);
    flatten();
    EXPECT_EQ(seen(), before);
    EXPECT_EQ(store_->find(ports::ImageKind::build, chain_.front()->key)->depth, 1U);
}

TEST_F(Chain, StaysAsItIsWhereALinkWouldBeLost) {
    add("echo 1 >one");
    add("echo 2 >two; ln two other");
    add("echo 3 >two.new; mv two.new two"); // of the two names one is seen, and its file not
    const auto before = seen();

    store_->flatten(chain_.front()->key, {});

    const auto depth = store_->find(ports::ImageKind::build, chain_.front()->key)->depth;
    EXPECT_EQ(seen(), before);
    EXPECT_TRUE(depth == 1 || depth == 2);
}

TEST_F(Chain, IsCollectedWhereItWasFlattened) {
    add("echo 1 >one");
    add("echo 2 >two");
    add("echo 3 >three");
    const auto before = seen();
    flatten();

    static_cast<void>(store_->collect({}));

    EXPECT_EQ(store_->list(ports::ImageKind::build).size(), 2U);
    EXPECT_EQ(seen(), before);
}

TEST_F(Chain, IsFlattenedOrNotWhenThatWasCutOff) {
    add("echo 1 >one");
    add("echo 2 >two");
    add("rm one; echo 3 >three");
    const auto before = seen();
    const auto top = *chain_[0];
    const auto lowest = chain_[2]->key;
    const auto beside = top.directory / ("flat-" + lowest + "-tree.tar.zst");
    const auto reopen = [&] {
        chain_.clear();
        store_.reset();
        store_ = images::open_store(home_.path() / "images", index_, trees_.get());
        for (auto key = top.key; !key.empty(); key = chain_.back()->parent) {
            chain_.push_back(store_->find(ports::ImageKind::build, key));
        }
    };
    ASSERT_TRUE(images::merge_layers({chain_[0]->tree(), chain_[1]->tree()}, beside, {}));

    reopen(); // before the row was written

    EXPECT_FALSE(fs::exists(beside));
    EXPECT_EQ(chain_.size(), 3U);
    EXPECT_EQ(seen(), before);

    ASSERT_TRUE(images::merge_layers({chain_[0]->tree(), chain_[1]->tree()}, beside, {}));
    auto row = top;
    row.parent = lowest;
    row.digest = std::string(64, 'f');
    index_.put(row);

    reopen(); // after it

    EXPECT_FALSE(fs::exists(beside));
    EXPECT_EQ(chain_.size(), 2U);
    EXPECT_EQ(seen(), before);
}

TEST_F(Chain, OfABuildIsOnlyRead) {
    add("echo 1 >one");
    auto mine = spec();
    mine.target = ports::ContainerPlaces::root;
    mine.build = trees();

    EXPECT_EQ(run(mine, "cat /lab/build/one; echo 2 >/lab/root/two").output, "1\n");
    EXPECT_NE(run(mine, "echo 3 >/lab/build/one").exit_code, 0);
    EXPECT_TRUE(fs::exists(workspace_->upper() / "two"));
}

TEST_F(Container, TreesGoWithTheirImagesButNotWhileTheyAreUsed) {
    const auto files = home_.path() / "files";
    fs::create_directories(files);
    write_file(files / "x", "x");
    auto image = publish(ports::ImageKind::build, '1', files);
    auto tree = trees_->unpack(*image, {});

    trees_->keep_only({});
    EXPECT_TRUE(fs::exists(*tree));
    const fs::path place = *tree;
    tree.reset();
    static_cast<void>(store_->collect({.dry_run = true}));
    EXPECT_TRUE(fs::exists(place));
    image.reset();
    static_cast<void>(store_->collect({}));
    EXPECT_FALSE(fs::exists(place));
}

TEST_F(Container, AStoreThatIsOpenedAgainHasNoWorkspacesLeft) {
    const auto kept = spec();
    ASSERT_EQ(run(kept, "chown 7:8 /lab/build; touch /lab/build/f").exit_code, 0);

    trees_ = images::open_tree_store(directory_);

    EXPECT_FALSE(fs::exists(workspace_->directory()));
    EXPECT_TRUE(fs::exists(*root_));
}

} // namespace
} // namespace lab::adapters
