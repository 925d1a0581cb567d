// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "engine/command_end.h"
#include "engine/flattener.h"
#include "engine/steps/build_place.h"
#include "engine/steps/container_commands.h"
#include "engine/steps/layers.h"

#include <filesystem>
#include <optional>

namespace lab::engine {
namespace {

namespace fs = std::filesystem;

class ContainerPlace final : public BuildPlace {
public:
    ContainerPlace(const BuildSite& site, HostShare share, const std::stop_token& stop)
        : site_(site), share_(std::move(share)),
          layers_(unpack_layers(site.shop, site.nearest, stop)),
          workspace_(site.shop.deps.trees.begin_workspace()) {
        ports::ContainerSpec spec;
        spec.root = site.shop.deps.trees.unpack(*site.root, stop);
        spec.layers = layers_.trees;
        spec.workspace = workspace_;
        spec.memory = site.request.vm.memory;
        spec.file_size = site.request.recipe.recipes->image_size;
        commands_.emplace(site.shop, site.request.vm.name, spec);
    }

    fs::path delta() const override { return workspace_->input() / "delta.tar"; }

    void begin(const ports::OutputSink& sink, const std::stop_token& stop) override {
        fs::permissions(delta(), fs::perms(0444)); // the container's root is somebody else
        const auto seen = std::string(ports::ContainerPlaces::input) + "/delta.tar";
        run_machine_script(site_.request.machine.build_machine->build_begin,
                           begin_environment(site_, "", seen), sink, stop);
    }

    std::map<std::string, std::string> environment() const override {
        return {{"LAB_KERNEL_RELEASE", site_.root->labels.at("kernel_release")}};
    }

    ports::CommandResult run(const ports::GuestCommand& command, const ports::OutputSink& sink,
                             const std::stop_token& stop) override {
        return commands_->run(command, sink, stop);
    }

    void end(const ports::OutputSink& sink, const std::stop_token& stop) override {
        run_machine_script(site_.request.machine.build_machine->build_end, {{"LAB_BUILD_DISK", ""}},
                           sink, stop);
        site_.shop.deps.trees.pack(*workspace_, site_.draft.directory() / "tree.tar.zst", stop);
    }

    void published(const ports::Image& image) override {
        if (fs::exists(site_.draft.directory())) {
            return; // somebody's else: equal by its key, but not byte for byte
        }
        site_.shop.deps.trees.adopt(*workspace_, image);
        site_.shop.flattener.consider(image);
    }

private:
    void run_machine_script(const plan::TemplateFile& file,
                            std::map<std::string, std::string> variables,
                            const ports::OutputSink& sink, const std::stop_token& stop) {
        variables.merge(environment());
        const auto result = run(command_of({file, std::move(variables)}), sink, stop);
        if (result.end != ports::CommandEnd::exited || result.exit_code != 0) {
            throw Error(ErrorCode::infra, file.path + ": " + how_it_ended(result));
        }
    }

    const BuildSite site_;
    HostShare share_;
    const Layers layers_;
    const std::shared_ptr<ports::Workspace> workspace_;
    std::optional<ContainerCommands> commands_;
};

} // namespace

std::unique_ptr<BuildPlace> make_container_place(const BuildSite& site, HostShare share,
                                                 const std::stop_token& stop) {
    return std::make_unique<ContainerPlace>(site, std::move(share), stop);
}

} // namespace lab::engine
