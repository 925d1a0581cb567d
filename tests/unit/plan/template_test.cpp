// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan/helpers.h"

namespace lab::plan::test {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

TEST(Template, ReadsWhatItIs) {
    const auto model = template_of(valid_template);

    ASSERT_THAT(problems_of(model), ElementsAre());
    EXPECT_EQ(model->name, "debian-12");
    EXPECT_EQ(model->description, "Debian 12 that builds.");
    EXPECT_EQ(model->directory, "/t/debian-12");
    EXPECT_EQ(model->text, valid_template);
    EXPECT_EQ(model->session, SessionKind::ssh);
    EXPECT_EQ(model->network, NetworkKind::user);
    EXPECT_EQ(model->disk_device, "/dev/vd{letter}");
}

TEST(Template, LetsItsMachinesOutOnlyWhenItSaysSo) {
    const auto network_of = [](const char* lines) {
        const auto model = template_of(replaced(valid_template, "network: user", lines));
        EXPECT_THAT(problems_of(model), ElementsAre());
        return model ? model->network : NetworkKind::none;
    };

    EXPECT_EQ(network_of("outbound: true"), NetworkKind::outbound);
    EXPECT_EQ(network_of("network: user\noutbound: true"), NetworkKind::outbound);
    EXPECT_EQ(network_of("network: user\noutbound: false"), NetworkKind::user);
}

TEST(Template, ReadsHowItsRootIsMade) {
    const auto model = template_of(valid_template);

    ASSERT_TRUE(model);
    EXPECT_EQ(model->root.recipe, RootRecipe::debian);
    EXPECT_EQ(model->root.size, gibibytes(8));
    EXPECT_EQ(model->root.suite, "bookworm");
    EXPECT_THAT(model->root.packages, ElementsAre("gcc", "make", "g++-12"));
    EXPECT_THAT(model->root.modules, ElementsAre("virtio_blk", "ext4"));
    ASSERT_TRUE(model->root.init);
    EXPECT_EQ(model->root.init->path, "files/lab-init");
    EXPECT_EQ(model->root.init->content, "/t/debian-12/files/lab-init");
}

TEST(Template, ReadsHowItBoots) {
    const auto model = template_of(valid_template);

    ASSERT_TRUE(model);
    EXPECT_EQ(model->boot.method, BootMethod::direct);
    EXPECT_EQ(model->boot.kernel_origin, KernelOrigin::root);
    EXPECT_EQ(model->boot.cmdline, "console=ttyS0");
    EXPECT_EQ(model->boot.ready, "LAB-READY {nonce}");
    EXPECT_THAT(model->boot.crash, ElementsAre("Kernel panic", "^BUG: "));
    EXPECT_EQ(model->boot.timeout, 2min);
    EXPECT_EQ(model->boot.silence, 60s);
}

TEST(Template, ReadsScriptsAndLimitsOfItsRecipes) {
    const auto model = template_of(valid_template);

    ASSERT_TRUE(model && model->build_machine && model->recipes);
    EXPECT_EQ(model->build_machine->build_begin.content, "/t/debian-12/scripts/build-begin.sh");
    EXPECT_EQ(model->build_machine->build_end.path, "scripts/build-end.sh");
    EXPECT_EQ(model->build_machine->install_begin.path, "scripts/install-begin.sh");
    EXPECT_EQ(model->build_machine->install_end.path, "scripts/install-end.sh");
    EXPECT_TRUE(model->build_machine->container);
    EXPECT_EQ(model->recipes->machine, "debian-12");
    EXPECT_EQ(model->recipes->full.path, "recipes/full.sh");
    ASSERT_TRUE(model->recipes->kernel);
    EXPECT_EQ(model->recipes->kernel->content, "/t/debian-12/recipes/kernel.sh");
    EXPECT_EQ(model->recipes->install.path, "recipes/install.sh");
    EXPECT_EQ(model->recipes->image_size, gibibytes(2));
    EXPECT_EQ(model->recipes->build_timeout, 30min);
    EXPECT_EQ(model->recipes->install_timeout, 10min);
}

TEST(Template, OfAnImportedImageByFirmware) {
    const std::string digest(64, 'a');
    const auto model = template_of("name: debian-12\n"
                                   "root:\n"
                                   "  recipe: import\n"
                                   "  import: {location: 'https://example.org/i.qcow2', sha256: " +
                                   digest +
                                   ", format: raw}\n"
                                   "boot: {method: firmware, ready: '{nonce}'}\n"
                                   "session: console\n"
                                   "network: none\n");

    ASSERT_THAT(problems_of(model), ElementsAre());
    ASSERT_TRUE(model->root.import);
    EXPECT_EQ(model->root.import->location, "https://example.org/i.qcow2");
    EXPECT_EQ(model->root.import->sha256, digest);
    EXPECT_EQ(model->root.import->format, ImageFormat::raw);
    EXPECT_EQ(model->boot.method, BootMethod::firmware);
    EXPECT_EQ(model->session, SessionKind::console);
    EXPECT_EQ(model->network, NetworkKind::none);
    EXPECT_FALSE(model->build_machine);
    EXPECT_FALSE(model->recipes);
}

TEST(Template, OfAnEmptyRootTakesItsKernelFromTheInstall) {
    const auto model = template_of("name: debian-12\nroot: {recipe: empty}\n"
                                   "boot: {method: direct, kernel: install, ready: '{nonce}'}\n");

    ASSERT_THAT(problems_of(model), ElementsAre());
    EXPECT_EQ(model->boot.kernel_origin, KernelOrigin::install);
    EXPECT_EQ(model->root.size, gibibytes(1));
}

TEST(Template, RefusesAFileThatCannotBeRead) {
    const auto model = parse_template(
        valid_template, "/t/debian-12/template.yaml",
        [](const std::filesystem::path& path) -> std::optional<std::string> {
            return path.filename() == "full.sh" ? std::nullopt : std::optional<std::string>("x");
        });

    EXPECT_THAT(problems_of(model), ElementsAre("debian-12/template.yaml:29:9: recipes.full: "
                                                "cannot read 'recipes/full.sh'"));
}

TEST(Template, NeverAsksForAFileOutsideItsFolder) {
    std::vector<std::string> asked;
    const auto reader = [&](const std::filesystem::path& path) {
        asked.push_back(path.string());
        return std::optional<std::string>("x");
    };
    for (const auto* path :
         {"../up.sh", "a/../../up.sh", "/etc/passwd", "..", "a/..", "./a", "a/"}) {
        const auto text = replaced(valid_template, "files/lab-init", path);

        const auto model = parse_template(text, "/t/debian-12/template.yaml", reader);

        EXPECT_THAT(problems_of(model),
                    ElementsAre("debian-12/template.yaml:9:9: root.init: '" + std::string(path) +
                                "' leaves the template's folder (allowed: a path below it without "
                                "'..')"));
    }
    for (const auto& path : asked) {
        EXPECT_TRUE(path.starts_with("/t/debian-12/")) << path;
        EXPECT_EQ(path.find(".."), std::string::npos) << path;
    }
}

struct BadTemplate {
    const char* name;
    const char* from;
    const char* to;
    const char* problem;
};

void PrintTo(const BadTemplate& row, std::ostream* out) {
    *out << row.name;
}

class TemplateRefuses : public testing::TestWithParam<BadTemplate> {};

TEST_P(TemplateRefuses, WithOneProblem) {
    const auto& row = GetParam();

    const auto model = template_of(replaced(valid_template, row.from, row.to));

    EXPECT_THAT(problems_of(model),
                ElementsAre("debian-12/template.yaml:" + std::string(row.problem)));
}

INSTANTIATE_TEST_SUITE_P(
    Values, TemplateRefuses,
    testing::Values(
        BadTemplate{"OtherFolder", "name: debian-12", "name: debian-13",
                    "1:7: name: 'debian-13' is not the folder's name ('debian-12')"},
        BadTemplate{"NoSuite", "  suite: bookworm\n", "", "4:3: root: the key 'suite' is missing"},
        BadTemplate{"PackageWithOption", "make,", "\"?essential\",",
                    "7:19: root.packages[1]: '?essential' is not allowed (the name of a package)"},
        BadTemplate{"TwoPackagesInOne", "make,", "'make,vim',",
                    "7:19: root.packages[1]: 'make,vim' is not allowed (the name of a package)"},
        BadTemplate{"ModulePath", "ext4", "../ext4",
                    "8:25: root.modules[1]: '../ext4' is not allowed (the name of a kernel "
                    "module)"},
        BadTemplate{"ImportBesideDebian", "  suite:", "  import: {}\n  suite:",
                    "6:11: root.import: is not allowed here (only for recipe: import)"},
        BadTemplate{"ReadyWithoutNonce", "LAB-READY {nonce}", "LAB-READY",
                    "14:10: boot.ready: 'LAB-READY' does not hold {nonce}"},
        BadTemplate{
            "BadPattern", "^BUG: ", "BUG(",
            "15:27: boot.crash[1]: 'BUG(' is no regular expression: missing ): BUG( (RE2 syntax)"},
        BadTemplate{
            "PatternForEveryLine", "^BUG: ", ".*",
            "15:27: boot.crash[1]: '.*' matches an empty line (a pattern must match crashes only)"},
        BadTemplate{"UnknownMethod", "method: direct", "method: uefi",
                    "11:11: boot.method: 'uefi' is unknown (allowed: direct, firmware)"},
        BadTemplate{"TimeWithoutUnit", "timeout: 2m", "timeout: 120",
                    "16:12: boot.timeout: '120' is not a time (a whole number and ms, s, m, h or "
                    "d; allowed: 1s to 1h)"},
        BadTemplate{"SshWithoutNetwork", "network: user", "network: none",
                    "19:10: network: 'none' leaves no way for SSH (use session: console)"},
        BadTemplate{"OutboundWithoutNetwork", "session: ssh\nnetwork: user",
                    "session: console\nnetwork: none\noutbound: true",
                    "20:11: outbound: is not allowed here (only for network: user)"},
        BadTemplate{"DeviceWithoutLetter", "/dev/vd{letter}", "/dev/vda",
                    "20:14: disk_device: '/dev/vda' does not hold {letter}"},
        BadTemplate{"MissingScript", "  build_end: scripts/build-end.sh\n", "",
                    "22:3: build_machine: the key 'build_end' is missing"},
        BadTemplate{"ContainerIsYesOrNo", "container: true", "container: maybe",
                    "26:14: build_machine.container: 'maybe' is unknown (allowed: false, true)"},
        BadTemplate{"TooLargeImage", "image_size: 2GiB", "image_size: 17TiB",
                    "32:15: recipes.image_size: '17TiB' is out of range (allowed: 16MiB to "
                    "16TiB)"}),
    [](const auto& row) { return row.param.name; });

TEST(Template, RefusesAContainerOfARootThatTheHostDoesNotKnow) {
    const auto model = template_of("name: debian-12\n"
                                   "root: {recipe: empty, size: 1GiB}\n"
                                   "boot: {method: direct, kernel: install, ready: '{nonce}'}\n"
                                   "build_machine:\n"
                                   "  build_begin: a\n"
                                   "  build_end: b\n"
                                   "  install_begin: c\n"
                                   "  install_end: d\n"
                                   "  container: true\n");

    EXPECT_THAT(
        problems_of(model),
        ElementsAre("debian-12/template.yaml:9:14: build_machine.container: only for roots with "
                    "recipe: debian (the files of another one are not known to the host)"));
}

TEST(Template, RefusesAUrlWithoutDigest) {
    const auto model =
        template_of("name: debian-12\n"
                    "root: {recipe: import, import: {location: 'http://e.org/i', format: qcow2}}\n"
                    "boot: {method: firmware, ready: '{nonce}'}\n");

    EXPECT_THAT(
        problems_of(model),
        ElementsAre("debian-12/template.yaml:2:32: root.import: the key 'sha256' is missing"));
}

TEST(Template, RefusesARelativeImage) {
    const auto model =
        template_of("name: debian-12\n"
                    "root: {recipe: import, import: {location: i.qcow2, format: qcow2}}\n"
                    "boot: {method: firmware, ready: '{nonce}', cmdline: quiet}\n");

    EXPECT_THAT(problems_of(model),
                ElementsAre("debian-12/template.yaml:2:43: root.import.location: 'i.qcow2' is not "
                            "allowed (an absolute path or an http or https URL)",
                            "debian-12/template.yaml:3:53: boot.cmdline: is not allowed here (only "
                            "for method: direct)"));
}

TEST(Template, RefusesAKernelFromAnEmptyRoot) {
    const auto model = template_of("name: debian-12\nroot: {recipe: empty, init: i}\n"
                                   "boot: {method: direct, ready: '{nonce}'}\n");

    EXPECT_THAT(problems_of(model),
                ElementsAre("debian-12/template.yaml:2:29: root.init: is not allowed here (an "
                            "empty root is filled by the install)",
                            "debian-12/template.yaml:3:7: boot.kernel: an empty root has no kernel "
                            "(write kernel: install)"));
}

} // namespace
} // namespace lab::plan::test
