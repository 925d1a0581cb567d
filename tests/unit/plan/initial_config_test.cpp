// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan/helpers.h"

namespace lab::plan::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Template pebble() {
    Template model;
    model.name = "pebble";
    model.recipes = RecipeSpec{};
    model.recipes->machine = "debian-12";
    return model;
}

TEST(InitialConfig, IsAValidLab) {
    const auto text = initial_config(pebble(), "/srv/repos/pebble", 8, gibibytes(16));

    const auto config = config_of(text);

    ASSERT_THAT(problems_of(config), ElementsAre()) << text;
    EXPECT_EQ(config->sources.at("pebble").path, "/srv/repos/pebble");
    const auto& build_vm = config->build_vms.at("pebble-build");
    EXPECT_EQ(build_vm.machine, "debian-12");
    EXPECT_EQ(build_vm.source, "pebble");
    EXPECT_EQ(build_vm.recipe, "pebble");
    EXPECT_EQ(build_vm.cpus, 4U);
    EXPECT_EQ(build_vm.memory, gibibytes(1));
    const auto& test_vm = config->test_vms.at("pebble-test");
    EXPECT_EQ(test_vm.machine, "pebble");
    EXPECT_EQ(test_vm.memory, mebibytes(256));
    EXPECT_EQ(config->budget.cpus, std::nullopt);
}

TEST(InitialConfig, IsStillValidWithEveryCommentedKeyTurnedOn) {
    auto text = initial_config(pebble(), "p", 8, gibibytes(16));
    for (const auto* line : {"# budget:", "#   cpus:", "#   memory:", "# hypervisor:",
                             "# templates:", "#   - templates", "# cmdline:"}) {
        text = replaced(text, line, line + 2);
    }

    const auto config = config_of(text);

    ASSERT_THAT(problems_of(config), ElementsAre()) << text;
    EXPECT_EQ(config->budget.cpus, 8U);
    EXPECT_EQ(config->budget.memory, gibibytes(12));
    EXPECT_EQ(config->hypervisor, "qemu:///system");
    EXPECT_EQ(config->test_vms.at("pebble-test").cmdline, "quiet");
    EXPECT_THAT(config->template_dirs, ElementsAre("/home/user/templates"));
}

TEST(InitialConfig, FitsSmallAndHugeHosts) {
    const auto small = config_of(initial_config(pebble(), "p", 1, mebibytes(900)));
    const auto huge = config_of(initial_config(pebble(), "p", 2048, gibibytes(65536)));

    ASSERT_TRUE(small && huge);
    EXPECT_EQ(small->build_vms.at("pebble-build").cpus, 1U);
    EXPECT_EQ(small->build_vms.at("pebble-build").memory, mebibytes(512));
    EXPECT_EQ(huge->build_vms.at("pebble-build").cpus, 256U);
    EXPECT_EQ(huge->build_vms.at("pebble-build").memory, gibibytes(1));
}

TEST(InitialConfig, QuotesAnyPath) {
    for (const auto* path : {"/a b/#c: \"d\"\\e", "/@name@/ü", "/'x' {y}, [z]", "/- a"}) {
        const auto text = initial_config(pebble(), path, 2, gibibytes(4));

        const auto config = config_of(text);

        ASSERT_THAT(problems_of(config), ElementsAre()) << text;
        EXPECT_EQ(config->sources.at("pebble").path, path);
    }
}

TEST(InitialConfig, KeepsTheNamesOfVmsShortEnough) {
    auto model = pebble();
    model.name = std::string(63, 'x');

    const auto config = config_of(initial_config(model, "p", 2, gibibytes(4)));

    ASSERT_THAT(problems_of(config), ElementsAre());
    EXPECT_EQ(config->build_vms.begin()->second.recipe, model.name);
}

TEST(InitialConfig, ExplainsItsKeys) {
    const auto text = initial_config(pebble(), "p", 2, gibibytes(4));

    for (const auto* words : {"# Git repositories", "# Machines that build", "# Machines that boot",
                              "docs/formats.md"}) {
        EXPECT_THAT(text, HasSubstr(words));
    }
}

} // namespace
} // namespace lab::plan::test
