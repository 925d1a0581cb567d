// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/build_cache.h"

#include "base/error.h"
#include "base/sha256.h"
#include "engine/flattener.h"
#include "engine/steps/layers.h"

#include <limits>

namespace lab::engine {
namespace {

std::string recipe_digest(const BuildRequest& request) {
    Sha256 digest;
    const auto add = [&](const plan::TemplateFile& file) {
        digest.update(std::to_string(file.content.size()) + ":");
        digest.update(file.content);
    };
    const auto& recipes = *request.recipe.recipes;
    const auto& machine = *request.machine.build_machine;
    add(recipes.full);
    if (recipes.kernel) {
        add(*recipes.kernel);
    }
    add(machine.build_begin);
    add(machine.build_end);
    digest.update("size " + std::to_string(recipes.image_size.count));
    return digest.finish();
}

} // namespace

BuildKeys build_keys(const BuildRequest& request, const ports::Image& root, plan::BuildMode mode,
                     plan::CleanBuild clean) {
    // Layers and disks are not cloned from each other, and nobody has proved that they are equal.
    const std::string what = request.place == Place::container ? "layers 1\n" : "lineage 1\n";
    const auto lineage = sha256_of(what + root.digest + "\n" + recipe_digest(request));
    const auto key =
        sha256_of("build 1\n" + lineage + "\n" + request.vm.source + "\n" + request.commit.hex() +
                  "\n" + plan::to_string(mode) + (clean == plan::CleanBuild::yes ? "\nclean" : ""));
    return {key, lineage};
}

ports::ImageLease find_build(Workshop& shop, const BuildRequest& request,
                             const ports::Image& root) {
    using plan::BuildMode;
    using plan::CleanBuild;
    for (const auto mode : {BuildMode::kernel, BuildMode::full}) {
        for (const auto clean : {CleanBuild::no, CleanBuild::yes}) {
            const bool enough_mode = mode == request.mode || request.mode == BuildMode::kernel;
            const bool enough_clean = clean == request.clean || request.clean == CleanBuild::no;
            if (!enough_mode || !enough_clean) {
                continue;
            }
            const auto keys = build_keys(request, root, mode, clean);
            if (auto image = shop.deps.images.find(ports::ImageKind::build, keys.key)) {
                return image;
            }
        }
    }
    return nullptr;
}

NearestBuild nearest_build(Workshop& shop, const BuildRequest& request, const std::string& lineage,
                           const std::stop_token& stop) {
    NearestBuild nearest;
    auto best = std::numeric_limits<std::uint64_t>::max();
    for (const auto& image : shop.deps.images.list(ports::ImageKind::build)) {
        const auto& labels = image->labels;
        if (!labels.contains("lineage") || labels.at("lineage") != lineage ||
            image->depth >= (is_layer(*image) ? most_layers : deepest_chain)) {
            continue;
        }
        const core::CommitId commit(labels.at("commit"));
        try {
            const auto distance = request.repo->tree_distance(commit, request.commit, stop);
            if (distance < best) {
                best = distance;
                nearest = {image, commit};
            }
        } catch (const Error& error) {
            // A build of a commit that this repository does not have is no relative.
            if (error.code() != ErrorCode::not_found) {
                throw;
            }
        }
    }
    return nearest;
}

} // namespace lab::engine
