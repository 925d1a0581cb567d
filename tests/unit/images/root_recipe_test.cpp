// SPDX-License-Identifier: Apache-2.0
#include "images/mmdebstrap.h"
#include "images/root_key.h"

#include "base/error.h"
#include "base/files.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>

namespace lab::images {
namespace {

bool holds(const std::vector<std::string>& argv, const std::string& word) {
    return std::find(argv.begin(), argv.end(), word) != argv.end();
}

TEST(MmdebstrapArgv, NamesPackagesSuiteTargetAndSources) {
    const auto argv = mmdebstrap_argv({"bookworm", {"gcc", "libstdc++6"}, "/x/root.tar"},
                                      {"/etc/apt/sources.list"});

    EXPECT_EQ(argv.front(), "mmdebstrap");
    EXPECT_TRUE(holds(argv, "--include=gcc,libstdc++6"));
    EXPECT_EQ((std::vector<std::string>(argv.end() - 3, argv.end())),
              (std::vector<std::string>{"bookworm", "/x/root.tar", "/etc/apt/sources.list"}));
}

TEST(MmdebstrapArgv, RefusesWhatIsNoName) {
    for (const std::string name : {"", "-x", "a b", "a,b", "A", "a;b", "a\n", "--hook"}) {
        EXPECT_THROW(static_cast<void>(mmdebstrap_argv({"bookworm", {name}, "/t"}, {})), Error)
            << name;
        EXPECT_THROW(static_cast<void>(mmdebstrap_argv({name, {}, "/t"}, {})), Error) << name;
    }
}

TEST(AptSources, AreThoseThatNameTheSuite) {
    const TemporaryDirectory apt(std::filesystem::temp_directory_path(), "lab-apt-");
    std::filesystem::create_directory(apt.path() / "sources.list.d");
    write_file(apt.path() / "sources.list", "# deb http://x bookworm main\n");
    write_file(apt.path() / "sources.list.d/a.sources", "Types: deb\nSuites: bookworm other\n");
    write_file(apt.path() / "sources.list.d/b.list", "deb http://x trixie main\n");
    write_file(apt.path() / "sources.list.d/c.list", "deb http://x bookworm main\n");
    write_file(apt.path() / "sources.list.d/d.disabled", "deb http://x bookworm main\n");

    const auto sources = apt_sources(apt.path(), "bookworm");

    EXPECT_EQ(sources, (std::vector{apt.path() / "sources.list.d/a.sources",
                                    apt.path() / "sources.list.d/c.list"}));
}

TEST(AptSources, AreNoneOnAHostWithoutApt) {
    EXPECT_TRUE(apt_sources("/nonexistent", "bookworm").empty());
}

ports::RootRequest debian() {
    ports::RootRequest request;
    request.machine.name = "debian-12";
    request.machine.root.recipe = plan::RootRecipe::debian;
    request.machine.root.suite = "bookworm";
    request.machine.root.packages = {"gcc", "make"};
    request.machine.root.modules = {"ext4"};
    request.machine.root.init = plan::TemplateFile{"files/init", "#!/bin/sh\n"};
    request.keys.user_public_key = "ssh-ed25519 A";
    request.keys.host_public_key = "ssh-ed25519 B";
    return request;
}

std::string key(const std::function<void(ports::RootRequest&)>& change) {
    FileDigests digests;
    auto request = debian();
    change(request);
    return root_key(request, digests);
}

TEST(RootKey, ChangesWithEverythingThatMakesTheImage) {
    const auto same = key([](auto&) {});
    const std::vector<std::function<void(ports::RootRequest&)>> changes{
        [](auto& r) { r.machine.root.suite = "trixie"; },
        [](auto& r) { r.machine.root.packages = {"gccmake"}; },
        [](auto& r) { r.machine.root.packages = {"gcc"}; },
        [](auto& r) { r.machine.root.modules.clear(); },
        [](auto& r) { r.machine.root.size = gibibytes(2); },
        [](auto& r) { r.machine.root.init->content += "#"; },
        [](auto& r) { r.machine.root.init.reset(); },
        [](auto& r) { r.machine.root.recipe = plan::RootRecipe::empty; },
        [](auto& r) { r.keys.user_public_key = "ssh-ed25519 C"; },
        [](auto& r) {
            r.keys.host_public_key = "ssh-ed25519 C";
        }};

    for (std::size_t i = 0; i < changes.size(); ++i) {
        EXPECT_NE(key(changes[i]), same) << "change " << i;
    }
    EXPECT_EQ(same.size(), 64U);
}

TEST(RootKey, StaysWhenOnlyTheWayOfRunningChanges) {
    EXPECT_EQ(key([](auto&) {}), key([](auto& r) {
                  r.machine.boot.cmdline = "other";
                  r.machine.description = "other";
                  r.machine.text = "other";
                  r.machine.build_machine = plan::BuildMachineSpec{};
              }));
}

TEST(RootKey, FollowsTheContentOfAnImportedFile) {
    const TemporaryDirectory directory(std::filesystem::temp_directory_path(), "lab-key-");
    const auto file = directory.path() / "image";
    const auto import = [&](auto& r) {
        r.machine.root.import = plan::ImportSource{file.string(), "", plan::ImageFormat::raw};
    };
    write_file(file, "one");
    const auto before = key(import);
    write_file(file, "two");

    EXPECT_NE(key(import), before);
}

TEST(RootKey, NeedsADigestForAUrl) {
    EXPECT_THROW(static_cast<void>(key([](auto& r) {
                     r.machine.root.import =
                         plan::ImportSource{"https://example.org/x", "", plan::ImageFormat::raw};
                 })),
                 Error);
}

} // namespace
} // namespace lab::images
