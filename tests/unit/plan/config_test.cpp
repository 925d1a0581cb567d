// SPDX-License-Identifier: Apache-2.0
#include "base/ids.h"
#include "tests/unit/plan/helpers.h"

namespace lab::plan::test {
namespace {

using testing::ElementsAre;

TEST(Config, ReadsEveryKey) {
    const auto config = config_of(valid_config);

    ASSERT_THAT(problems_of(config), ElementsAre());
    EXPECT_EQ(config->file, "/home/user/lab.yaml");
    EXPECT_EQ(config->text, valid_config);
    const auto& build_vm = config->build_vms.at("baarch64");
    EXPECT_EQ(build_vm.name, "baarch64");
    EXPECT_EQ(build_vm.machine, "debian-12");
    EXPECT_EQ(build_vm.source, "pebble");
    EXPECT_EQ(build_vm.recipe, "pebble");
    EXPECT_EQ(build_vm.cpus, 2U);
    EXPECT_EQ(build_vm.memory, gibibytes(2));
    EXPECT_EQ(build_vm.runs_in, RunsIn::automatic) << "by default";
    const auto& test_vm = config->test_vms.at("taarch64");
    EXPECT_EQ(test_vm.name, "taarch64");
    EXPECT_EQ(test_vm.machine, "pebble");
    EXPECT_EQ(test_vm.cpus, 1U);
    EXPECT_EQ(test_vm.memory, mebibytes(256));
    EXPECT_EQ(test_vm.cmdline, "quiet loglevel=3");
    EXPECT_EQ(build_vm.network, std::nullopt);
    EXPECT_EQ(test_vm.network, NetworkKind::outbound);
    EXPECT_EQ(config->budget.cpus, 4U);
    EXPECT_EQ(config->budget.memory, gibibytes(8));
    EXPECT_EQ(config->hypervisor, "qemu:///system");
}

TEST(Config, ReadsWhereCommitsAreBuilt) {
    const auto runs_in = [](const std::string& word) {
        return config_of("sources: {s: {path: .}}\n"
                         "build_vms: {b: {machine: m, source: s, recipe: r, runs_in: " +
                         word + "}}\n");
    };

    EXPECT_EQ(runs_in("auto")->build_vms.at("b").runs_in, RunsIn::automatic);
    EXPECT_EQ(runs_in("vm")->build_vms.at("b").runs_in, RunsIn::vm);
    EXPECT_EQ(runs_in("container")->build_vms.at("b").runs_in, RunsIn::container);
    EXPECT_THAT(problems_of(runs_in("host")),
                ElementsAre("lab.yaml:2:60: build_vms.b.runs_in: 'host' is unknown (allowed: auto, "
                            "vm, container)"));
}

TEST(Config, TakesRelativePathsFromItsOwnFolder) {
    const auto config = config_of(valid_config);

    ASSERT_TRUE(config);
    EXPECT_EQ(config->sources.at("pebble").path, "/home/user/repos/pebble");
    EXPECT_EQ(config->sources.at("linux").path, "/srv/linux");
    EXPECT_THAT(config->template_dirs, ElementsAre("/home/user/more", "/opt/templates"));
}

TEST(Config, HasDefaultsForEverythingOptional) {
    const auto config = config_of("sources: {s: {path: .}}\n"
                                  "build_vms: {b: {machine: m, source: s, recipe: r}}\n"
                                  "test_vms: {t: {machine: m}}\n");

    ASSERT_THAT(problems_of(config), ElementsAre());
    EXPECT_EQ(config->sources.at("s").path, "/home/user");
    EXPECT_EQ(config->build_vms.at("b").cpus, 1U);
    EXPECT_EQ(config->build_vms.at("b").memory, gibibytes(1));
    EXPECT_EQ(config->test_vms.at("t").memory, mebibytes(512));
    EXPECT_EQ(config->test_vms.at("t").network, std::nullopt);
    EXPECT_EQ(config->budget.cpus, std::nullopt);
    EXPECT_EQ(config->budget.memory, std::nullopt);
    EXPECT_EQ(config->hypervisor, "");
}

TEST(Config, OfNothingButCommentsIsEmpty) {
    const auto config = config_of("# later\nsources:\n# build_vms:\n");

    ASSERT_THAT(problems_of(config), ElementsAre());
    EXPECT_TRUE(config->sources.empty());
}

TEST(Config, NamesLineAndColumnOfAnUnknownKey) {
    const auto config = config_of(replaced(valid_config, "    cpus: 2", "    cpu: 2"));

    EXPECT_THAT(problems_of(config),
                ElementsAre("lab.yaml:11:5: build_vms.baarch64.cpu: unknown key (did you mean "
                            "'cpus'? allowed: machine, source, recipe, runs_in, cpus, memory, "
                            "outbound)"));
}

TEST(Config, NamesLineAndColumnOfADuplicateKey) {
    const auto config = config_of(std::string(valid_config) + "\n  \ntest_vms: {}\n");

    EXPECT_THAT(problems_of(config),
                ElementsAre("lab.yaml:25:1: test_vms: duplicate key (each key may stand once)"));
}

TEST(Config, TellsAllProblemsAtOnceInTheOrderOfTheText) {
    const auto config = config_of("sources: {s: {}}\n"
                                  "build_vms:\n"
                                  "  b: {machine: M, source: z, recipe: r, cpus: 257}\n"
                                  "  Bad: {}\n"
                                  "test_vms:\n"
                                  "  b: {machine: m, memory: 63MiB}\n"
                                  "colour: blue\n");

    EXPECT_THAT(
        problems_of(config),
        ElementsAre(
            "lab.yaml:1:14: sources.s: the key 'path' is missing",
            "lab.yaml:3:16: build_vms.b.machine: 'M' is not a name (" +
                std::string(valid_name_rule) + ")",
            "lab.yaml:3:27: build_vms.b.source: there is no source 'z' (known: s)",
            "lab.yaml:3:47: build_vms.b.cpus: '257' is out of range (allowed: 1 to 256)",
            "lab.yaml:4:3: build_vms: 'Bad' is not a name (" + std::string(valid_name_rule) + ")",
            "lab.yaml:6:6: test_vms.b: a build VM has this name (names of VMs are unique)",
            "lab.yaml:6:27: test_vms.b.memory: '63MiB' is out of range (allowed: 64MiB to 4TiB)",
            "lab.yaml:7:1: colour: unknown key (allowed: sources, build_vms, test_vms, budget, "
            "hypervisor, templates, notify)"));
}

struct BadValue {
    const char* name;
    const char* from;
    const char* to;
    const char* problem;
};

void PrintTo(const BadValue& row, std::ostream* out) {
    *out << row.name;
}

class ConfigRefuses : public testing::TestWithParam<BadValue> {};

TEST_P(ConfigRefuses, WithOneProblem) {
    const auto& row = GetParam();

    const auto config = config_of(replaced(valid_config, row.from, row.to));

    EXPECT_THAT(problems_of(config), ElementsAre(row.problem));
}

INSTANTIATE_TEST_SUITE_P(
    Values, ConfigRefuses,
    testing::Values(
        BadValue{"OctalNumber", "cpus: 2", "cpus: 010",
                 "lab.yaml:11:11: build_vms.baarch64.cpus: '010' is not a whole number (allowed: 1 "
                 "to 256)"},
        BadValue{"NegativeNumber", "cpus: 2", "cpus: -0",
                 "lab.yaml:11:11: build_vms.baarch64.cpus: '-0' is not a whole number (allowed: 1 "
                 "to 256)"},
        BadValue{"Zero", "cpus: 2", "cpus: 0",
                 "lab.yaml:11:11: build_vms.baarch64.cpus: '0' is out of range (allowed: 1 to "
                 "256)"},
        BadValue{"HugeNumber", "cpus: 2", "cpus: 1e999",
                 "lab.yaml:11:11: build_vms.baarch64.cpus: '1e999' is not a whole number "
                 "(allowed: 1 to 256)"},
        BadValue{"Word", "cpus: 2", "cpus: no",
                 "lab.yaml:11:11: build_vms.baarch64.cpus: 'no' is not a whole number (allowed: 1 "
                 "to 256)"},
        BadValue{"Nothing", "cpus: 2", "cpus:",
                 "lab.yaml:11:5: build_vms.baarch64.cpus: here stands nothing (expected: a whole "
                 "number)"},
        BadValue{"ListForNumber", "cpus: 2", "cpus: [2]",
                 "lab.yaml:11:11: build_vms.baarch64.cpus: here stands a list (expected: a whole "
                 "number)"},
        BadValue{"SizeWithoutUnit", "memory: 2GiB", "memory: 2048",
                 "lab.yaml:12:13: build_vms.baarch64.memory: '2048' is not a size (a whole number "
                 "and B, KiB, MiB, GiB or TiB; allowed: 64MiB to 4TiB)"},
        BadValue{"SizeAboveAll", "memory: 2GiB", "memory: 99999999TiB",
                 "lab.yaml:12:13: build_vms.baarch64.memory: '99999999TiB' is not a size (a whole "
                 "number and B, KiB, MiB, GiB or TiB; allowed: 64MiB to 4TiB)"},
        BadValue{"NearSource", "source: pebble", "source: peble",
                 "lab.yaml:9:13: build_vms.baarch64.source: there is no source 'peble' (did you "
                 "mean 'pebble'? known: linux, pebble)"},
        BadValue{"HomeDirectory", "/srv/linux/", "~/linux",
                 "lab.yaml:5:11: sources.linux.path: '~' is not replaced by your home directory "
                 "(allowed: an absolute path or one relative to this file)"},
        BadValue{"OutboundInOtherWords", "outbound: true", "outbound: yes",
                 "lab.yaml:19:15: test_vms.taarch64.outbound: 'yes' is unknown (allowed: false, "
                 "true)"},
        BadValue{"Hypervisor", "qemu:///system", "kvm",
                 "lab.yaml:21:13: hypervisor: 'kvm' is not a libvirt URI (for example "
                 "qemu:///system)"},
        BadValue{"ListForMap", "budget: {cpus: 4, memory: 8GiB}", "budget: [1]",
                 "lab.yaml:20:9: budget: here stands a list (expected: keys)"},
        BadValue{"WordForList", "templates: [more, /opt/templates]", "templates: more",
                 "lab.yaml:22:12: templates: here stands a single value (expected: a list)"},
        BadValue{"LineBreak", "quiet loglevel=3", "quiet\\nloglevel=3",
                 "lab.yaml:18:14: test_vms.taarch64.cmdline: 'quiet\\nloglevel=3' is not one line "
                 "of text (1 to 1024 bytes, no control characters)"},
        BadValue{"EscapedNul", "quiet loglevel=3", "quiet\\0",
                 "lab.yaml:18:14: test_vms.taarch64.cmdline: 'quiet\\x00' is not one line of text "
                 "(1 to 1024 bytes, no control characters)"}),
    [](const auto& row) { return row.param.name; });

TEST(Config, RefusesAPathThatNoFileCanHave) {
    const auto config =
        config_of(replaced(valid_config, "/opt/templates", "/" + std::string(900, 'x')));

    EXPECT_THAT(problems_of(config),
                ElementsAre("lab.yaml:22:19: templates[1]: '/" + std::string(63, 'x') +
                            "...' is no path of a file (at most 4095 bytes, and 255 between two "
                            "slashes)"));
}

} // namespace
} // namespace lab::plan::test
