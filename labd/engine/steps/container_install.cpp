// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "engine/steps/build_place.h"
#include "engine/steps/container_commands.h"
#include "engine/steps/install_place.h"
#include "engine/steps/layers.h"

namespace lab::engine {
namespace {

namespace fs = std::filesystem;
using ports::ContainerPlaces;

/// As of a machine's output disk, and of what may lie in a root.
constexpr Bytes largest_file = gibibytes(4);

class ContainerInstall final : public InstallPlace {
public:
    ContainerInstall(const InstallSite& site, const std::stop_token& stop)
        : site_(site), build_(unpack_layers(site.shop, site.request.build, stop)),
          workspace_(site.shop.deps.trees.begin_workspace()),
          commands_(site.shop, site.request.in.name, spec(stop)) {
        site.job.phase("install " + site.request.id() + ": in a container");
    }

    std::map<std::string, std::string> environment() const override {
        return {{"LAB_BUILD_DISK", ""},
                {"LAB_ROOT_DISK", ""},
                {"LAB_BOOT_DISK", kept_directory() + "/boot.tar"},
                {"LAB_DESTDIR", ContainerPlaces::root},
                {"LAB_BOOTDIR", kept_directory() + "/boot"},
                {"LAB_KERNEL_RELEASE", site_.root->labels.at("kernel_release")}};
    }

    std::string kept_directory() const override { return ContainerPlaces::output; }

    ports::CommandResult run(const ports::GuestCommand& command, const ports::OutputSink& sink,
                             const std::stop_token& stop) override {
        return commands_.run(command, sink, stop);
    }

    std::optional<std::string> end(const std::stop_token& stop) override {
        if (site_.request.delivers == Delivers::kernel) {
            return std::nullopt; // of the root nothing is used
        }
        const auto written = workspace_->directory() / "written.tar.zst";
        site_.shop.deps.trees.pack(*workspace_, written, stop);
        return site_.draft.write_layer(written, stop);
    }

    fs::path boot_tar() const override { return workspace_->output() / "boot.tar"; }

private:
    ports::ContainerSpec spec(const std::stop_token& stop) {
        auto& trees = site_.shop.deps.trees;
        ports::ContainerSpec spec;
        spec.root = trees.unpack(*site_.root, stop);
        if (fs::exists(site_.test_root->tree())) {
            spec.layers = {trees.unpack(*site_.test_root, stop)};
        }
        spec.target = ContainerPlaces::root;
        spec.build = build_.trees;
        spec.workspace = workspace_;
        spec.memory = site_.request.in.memory;
        spec.file_size = largest_file;
        return spec;
    }

    const InstallSite site_;
    const Layers build_;
    const std::shared_ptr<ports::Workspace> workspace_;
    ContainerCommands commands_; // last: it uses the members above
};

} // namespace

std::string obstacle_to_container(Workshop& shop, const InstallRequest& request,
                                  const ports::Image& test_root) {
    if (!is_layer(*request.build)) {
        return "its build is a disk";
    }
    const auto choice = choose_place(request.in, request.in_machine,
                                     {[&] { return shop.deps.hypervisor.describe(); },
                                      [&] {
                                          return shop.deps.containers.support();
                                      }});
    if (choice.place == Place::vm) {
        return choice.reason;
    }
    const bool known =
        request.test_machine.root.recipe == plan::RootRecipe::empty || fs::exists(test_root.tree());
    return known ? "" : "the root of template " + request.test_machine.name + " is kept as a disk";
}

std::unique_ptr<InstallPlace> make_container_install(const InstallSite& site,
                                                     const std::stop_token& stop) {
    return std::make_unique<ContainerInstall>(site, stop);
}

} // namespace lab::engine
