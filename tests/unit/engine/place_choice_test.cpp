// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/place_choice.h"

#include "base/error.h"

#include <gtest/gtest.h>

namespace lab::engine {
namespace {

using plan::RunsIn;

/// A build VM on a host, and what was asked of the host.
class PlaceChoiceTest : public testing::Test {
protected:
    PlaceChoiceTest() {
        machine_.name = "debian-12";
        machine_.build_machine.emplace().container = true;
    }

    PlaceChoice choose(RunsIn wish) {
        plan::BuildVm vm;
        vm.name = "b";
        vm.runs_in = wish;
        return choose_place(vm, machine_,
                            {[&] {
                                 ++asked_;
                                 return ports::HypervisorInfo{accelerator_, "", "", "", ""};
                             },
                             [&] {
                                 ++asked_;
                                 return support_;
                             }});
    }

    plan::Template machine_;
    std::string accelerator_ = "tcg";
    ports::ContainerSupport support_{true, "a container ran", ""};
    int asked_ = 0;
};

TEST_F(PlaceChoiceTest, AVirtualMachineThatIsWantedIsNeverOverridden) {
    const auto choice = choose(RunsIn::vm);

    EXPECT_EQ(choice.place, Place::vm);
    EXPECT_EQ(asked_, 0);
}

TEST_F(PlaceChoiceTest, AutoIsAVirtualMachineWhereKvmWorks) {
    accelerator_ = "kvm";

    const auto choice = choose(RunsIn::automatic);

    EXPECT_EQ(choice.place, Place::vm);
    EXPECT_EQ(choice.reason, "KVM works");
}

TEST_F(PlaceChoiceTest, AutoIsAContainerWithoutKvm) {
    const auto choice = choose(RunsIn::automatic);

    EXPECT_EQ(choice.place, Place::container);
    EXPECT_EQ(choice.reason, "no KVM, and containers work");
}

TEST_F(PlaceChoiceTest, AutoSaysWhyThereIsNoContainer) {
    support_ = {false, "no subordinate ids", "add them"};
    EXPECT_EQ(choose(RunsIn::automatic).place, Place::vm);
    EXPECT_EQ(choose(RunsIn::automatic).reason,
              "no KVM, but no containers either: no subordinate ids");

    machine_.build_machine->container = false;
    asked_ = 0;
    EXPECT_EQ(choose(RunsIn::automatic).place, Place::vm);
    EXPECT_EQ(choose(RunsIn::automatic).reason,
              "template debian-12 does not say build_machine.container");
    EXPECT_EQ(asked_, 0) << "the host does not matter then";
}

TEST_F(PlaceChoiceTest, AMachineThatIsLetOutIsAVirtualOne) {
    machine_.network = plan::NetworkKind::outbound;

    EXPECT_EQ(choose(RunsIn::automatic).place, Place::vm);
}

TEST_F(PlaceChoiceTest, AContainerThatIsWantedButCannotBeIsAnError) {
    support_ = {false, "no subordinate ids", "add them"};
    try {
        choose(RunsIn::container);
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::infra);
        EXPECT_EQ(error.hint(), "add them");
    }

    machine_.build_machine->container = false;
    try {
        choose(RunsIn::container);
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_input);
    }
}

} // namespace
} // namespace lab::engine
