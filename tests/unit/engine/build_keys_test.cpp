// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/build_cache.h"

#include <gtest/gtest.h>

namespace lab::engine {
namespace {

BuildKeys keys_in(Place place) {
    BuildRequest request;
    request.commit = core::CommitId(std::string(40, 'a'));
    request.machine.build_machine.emplace();
    request.recipe.recipes.emplace();
    request.place = place;
    ports::Image root;
    root.digest = "d";
    return build_keys(request, root, plan::BuildMode::full, plan::CleanBuild::no);
}

TEST(BuildKeys, OfContainersAndMachinesHaveNothingInCommon) {
    const auto in_vm = keys_in(Place::vm);
    const auto in_container = keys_in(Place::container);

    EXPECT_NE(in_vm.key, in_container.key);
    EXPECT_NE(in_vm.lineage, in_container.lineage) << "a disk cannot be cloned from a layer";
    EXPECT_EQ(in_container.key, keys_in(Place::container).key);
}

} // namespace
} // namespace lab::engine
