// SPDX-License-Identifier: Apache-2.0
// A lab.yaml of somebody else runs nothing.
#include "base/json.h"
#include "tests/e2e/harness.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lab::e2e {
namespace {

using testing::HasSubstr;

constexpr uid_t somebody_else = 65534;

class TrustTest : public CliTest {
protected:
    /// A lab.yaml whose channel leaves a trace when it is used.
    void write_config(const std::string& more = "") const {
        write_file(file("lab.yaml"), more +
                                         "notify:\n  channels:\n    trace:\n      type: exec\n"
                                         "      command: [touch, " +
                                         trace().string() + "]\n");
    }

    [[nodiscard]] std::filesystem::path trace() const { return file("trace"); }

    void make_repository() const { std::filesystem::create_directory(file(".git")); }

    void expect_refused(const std::string& why) const {
        const auto result = lab({"notify", "--", "touch", file("ran").string()});

        EXPECT_EQ(result.exit_code, 2) << result.err;
        EXPECT_THAT(result.err, HasSubstr("lab.yaml': is not used: " + why));
        EXPECT_THAT(result.err, HasSubstr("lab config trust"));
        EXPECT_FALSE(std::filesystem::exists(trace()));
        EXPECT_FALSE(std::filesystem::exists(file("ran")));
    }

    void expect_used() const {
        const auto result = lab({"notify", "--", "true"});

        EXPECT_EQ(result.exit_code, 0) << result.err;
        EXPECT_TRUE(std::filesystem::exists(trace())) << result.err;
        std::filesystem::remove(trace());
    }
};

TEST_F(TrustTest, OfTheCallersOwnFileNeedsNoQuestion) {
    write_config();

    expect_used();
}

TEST_F(TrustTest, OfAFileInARepositoryIsAskedFor) {
    make_repository();
    write_config();
    expect_refused("it lies in a git repository");
    EXPECT_EQ(lab({"config", "trust"}).exit_code, 2); // nobody is there to answer
    EXPECT_EQ(lab({"config", "trust", "--yes", "--dry-run"}).exit_code, 0);
    expect_refused("it lies in a git repository");

    const auto trusted = lab({"config", "trust", "--yes"});

    EXPECT_EQ(trusted.exit_code, 0) << trusted.err;
    EXPECT_THAT(trusted.err, HasSubstr("- \"touch\""));
    expect_used();
    EXPECT_THAT(lab({"config", "trust", "--list"}).out, HasSubstr("lab.yaml"));
}

TEST_F(TrustTest, EndsWhenWhatItRunsChanges) {
    make_repository();
    write_config();
    ASSERT_EQ(lab({"config", "trust", "--yes"}).exit_code, 0);

    write_config("budget: {cpus: 2} # no program\n");
    expect_used();
    write_config("hypervisor: qemu+ssh://elsewhere/system\n");
    expect_refused("what it runs or reveals has changed");
}

TEST_F(TrustTest, CanBeTakenBack) {
    make_repository();
    write_config();
    ASSERT_EQ(lab({"config", "trust", "--yes"}).exit_code, 0);

    EXPECT_EQ(lab({"config", "trust", "--remove"}).exit_code, 0);

    expect_refused("it lies in a git repository");
}

TEST_F(TrustTest, IsRecordedByInit) {
    make_repository();
    std::filesystem::remove(file("lab.yaml"));
    ASSERT_EQ(lab({"init", "--source", LAB_SOURCE_DIR}).exit_code, 0);

    EXPECT_EQ(lab({"config", "show"}).exit_code, 0);
}

TEST_F(TrustTest, IsNotGivenToWhatOthersCanChange) {
    write_config();
    ASSERT_EQ(::chmod(file("").c_str(), 0777), 0);
    expect_refused("'/");
    ASSERT_EQ(::chmod(file("").c_str(), 0700), 0);
    ASSERT_EQ(::chmod(file("lab.yaml").c_str(), 0666), 0);
    expect_refused("others may write to it (mode 0666)");
    if (::geteuid() == 0) {
        ASSERT_EQ(::chmod(file("lab.yaml").c_str(), 0644), 0);
        ASSERT_EQ(::chown(file("lab.yaml").c_str(), somebody_else, 0), 0);
        expect_refused("belongs to uid 65534");
    }
}

TEST_F(TrustTest, HoldsForFilesThatAreNamed) {
    make_repository();
    write_config();

    const auto result = lab({"--config", file("lab.yaml").string(), "notify", "--", "true"});

    EXPECT_EQ(result.exit_code, 2);
    EXPECT_FALSE(std::filesystem::exists(trace()));
}

TEST_F(TrustTest, HoldsBeforeAJobIsHandedIn) {
    make_repository();
    write_config();

    const auto result = lab({"bisect", "a..b", "--", "true"});

    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("is not used"));
}

TEST_F(CliTest, RefusesDirectoriesThatOthersMayWriteTo) {
    for (const auto* name : {"state", "data", "config"}) {
        const auto home = file("h");
        std::filesystem::create_directories(home / name);
        ASSERT_EQ(::chmod((home / name).c_str(), 0777), 0);
        ProcessSpec spec;
        spec.argv = {LAB_BIN "/lab", "job", "list"};
        spec.environment = {{"LAB_HOME", home.string()}};

        const auto result = run_process(spec);

        EXPECT_EQ(result.exit_code, 4) << name;
        EXPECT_THAT(result.err, HasSubstr("others may write to it (mode 0777")) << name;
        std::filesystem::remove_all(home);
    }
}

} // namespace
} // namespace lab::e2e
