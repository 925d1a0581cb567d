// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/layers.h"

#include "base/error.h"
#include "base/sha256.h"
#include "engine/command_end.h"
#include "engine/steps/container_commands.h"

#include <filesystem>

namespace lab::engine {
namespace {

namespace fs = std::filesystem;

/// As a machine's script makes the file system of a build, and filled. It has room for what a
/// recipe may write, and for the tree in any case.
constexpr const char* make_disk_script = R"sh(
used=$(du -s -k /lab/build | cut -f 1)
least=$((used + used / 4 + 65536))
size=$LAB_DISK_SIZE
[ "$size" -ge "$least" ] || size=$least
mkfs.ext4 -q -F -L build -U 6c616200-0000-4000-8000-000000000003 -m 0 -O ^has_journal \
    -E root_owner=0:0,lazy_itable_init=1,hash_seed=6c616200-0000-4000-8000-000000000002 \
    -d /lab/build /lab/out/disk.raw "${size}k"
)sh";

constexpr Duration longest_making = std::chrono::hours(1);

/// Bounds nothing: the disk is as large as it must be.
constexpr Bytes largest_disk = gibibytes(16384);

void make_disk(Workshop& shop, const ports::ImageLease& build, ports::ImageDraft& draft,
               const std::stop_token& stop) {
    const auto root = shop.deps.images.find(ports::ImageKind::root, build->labels.at("root"));
    if (!root) {
        throw Error(ErrorCode::infra,
                    "the root image that made build " + build->key.substr(0, 12) +
                        " is gone, and with it what makes its disk",
                    "build the commit again: lab image gc, then lab build");
    }
    const auto layers = unpack_layers(shop, build, stop);
    const std::shared_ptr<ports::Workspace> workspace = shop.deps.trees.begin_workspace();
    ports::ContainerSpec spec;
    spec.root = shop.deps.trees.unpack(*root, stop);
    spec.layers = layers.trees;
    spec.workspace = workspace;
    spec.memory = gibibytes(1);
    spec.file_size = largest_disk;
    const auto kilobytes = std::stoull(build->labels.at("image_size")) / 1024;
    const auto command = command_of({{"make the disk of a build", make_disk_script},
                                     {{"LAB_DISK_SIZE", std::to_string(kilobytes)}},
                                     longest_making});
    const auto result = ContainerCommands(shop, build->labels.at("vm"), spec)
                            .run(
                                command, [](std::string_view) {}, stop);
    if (result.end != ports::CommandEnd::exited || result.exit_code != 0) {
        throw Error(ErrorCode::infra, "making the disk of build " + build->key.substr(0, 12) +
                                          " failed: " + how_it_ended(result));
    }
    draft.take_disk(workspace->output() / "disk.raw", stop);
}

/// A build and all below it, as they are now: one may have been flattened since it was found, and
/// what it lay over been collected.
std::vector<ports::ImageLease> chain_of(Workshop& shop, const std::string& key) {
    constexpr int attempts = 3;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        std::vector<ports::ImageLease> chain;
        std::string next = key;
        while (!next.empty()) {
            chain.push_back(shop.deps.images.find(ports::ImageKind::build, next));
            next = chain.back() ? chain.back()->parent : "";
        }
        if (chain.back()) {
            return chain;
        }
    }
    throw Error(ErrorCode::infra, "build " + key.substr(0, 12) + ": a layer of it is gone",
                "build the commit again");
}

} // namespace

bool is_layer(const ports::Image& build) {
    const auto place = build.labels.find("runs_in");
    return place != build.labels.end() && place->second == "container";
}

Layers unpack_layers(Workshop& shop, const ports::ImageLease& build, const std::stop_token& stop) {
    Layers layers;
    if (build) {
        layers.images = chain_of(shop, build->key);
    }
    for (const auto& image : layers.images) {
        layers.trees.push_back(shop.deps.trees.unpack(*image, stop));
    }
    return layers;
}

ports::ImageLease disk_of_build(Workshop& shop, JobContext& job, const ports::ImageLease& build,
                                const std::stop_token& stop) {
    if (!is_layer(*build)) {
        return build;
    }
    const auto key = sha256_of("disk 1\n" + build->key);
    const auto guard = shop.locks.lock("disk/" + key, stop);
    if (auto made = shop.deps.images.find(ports::ImageKind::disk, key)) {
        return made;
    }
    job.phase("making the disk of build " + build->labels.at("vm") + "/" +
              build->labels.at("commit").substr(0, 12));
    const auto draft = shop.deps.images.begin({.kind = ports::ImageKind::disk, .key = key});
    make_disk(shop, build, *draft, stop);
    return draft->publish({{"build", build->key},
                           {"vm", build->labels.at("vm")},
                           {"commit", build->labels.at("commit")}});
}

} // namespace lab::engine
