// SPDX-License-Identifier: Apache-2.0
// What every Hypervisor does: the same tests run on the fake and on the real one.
#include "tests/contract/libvirt/subjects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::test {
namespace {

using ports::MachineState;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// Code of the Error that an action throws; nothing when it throws none.
template <class Action>
std::optional<ErrorCode> code_of(const Action& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    return std::nullopt;
}

template <class Subject>
class HypervisorContract : public testing::Test {
protected:
    Subject subject_;
    ports::Hypervisor& hypervisor_ = subject_.hypervisor();
};

using Subjects = testing::Types<FakeSubject, EmbeddedSubject>;
TYPED_TEST_SUITE(HypervisorContract, Subjects);

TYPED_TEST(HypervisorContract, StartedInstanceRunsAndIsListed) {
    const auto one = this->subject_.spec("one");
    const auto two = this->subject_.spec("two");

    this->hypervisor_.start(one);
    this->hypervisor_.start(two);

    EXPECT_EQ(this->hypervisor_.state(one.uuid), MachineState::running);
    EXPECT_THAT(this->hypervisor_.list(), UnorderedElementsAre(one.uuid, two.uuid));
}

TYPED_TEST(HypervisorContract, SuspendAndResumeCanBeRepeated) {
    const auto spec = this->subject_.spec("pause");
    this->hypervisor_.start(spec);

    this->hypervisor_.suspend(spec.uuid);
    this->hypervisor_.suspend(spec.uuid);
    const auto suspended = this->hypervisor_.state(spec.uuid);
    this->hypervisor_.resume(spec.uuid);
    this->hypervisor_.resume(spec.uuid);

    EXPECT_EQ(suspended, MachineState::paused);
    EXPECT_EQ(this->hypervisor_.state(spec.uuid), MachineState::running);
}

TYPED_TEST(HypervisorContract, DestroyedInstanceIsGone) {
    const auto spec = this->subject_.spec("end");
    this->hypervisor_.start(spec);

    this->hypervisor_.destroy(spec.uuid);
    this->hypervisor_.destroy(spec.uuid);

    EXPECT_EQ(this->hypervisor_.state(spec.uuid), MachineState::gone);
    EXPECT_THAT(this->hypervisor_.list(), IsEmpty());
}

TYPED_TEST(HypervisorContract, InstanceThatEndedByItselfIsGone) {
    const auto spec = this->subject_.spec("self");
    this->hypervisor_.start(spec);

    this->subject_.end_by_itself(spec);

    EXPECT_EQ(this->hypervisor_.state(spec.uuid), MachineState::gone);
    EXPECT_THAT(this->hypervisor_.list(), IsEmpty());
}

TYPED_TEST(HypervisorContract, UnknownInstanceIsGoneAndCannotBeUsed) {
    const auto uuid = new_uuid();

    EXPECT_EQ(this->hypervisor_.state(uuid), MachineState::gone);
    EXPECT_NO_THROW(this->hypervisor_.destroy(uuid));
    EXPECT_EQ(code_of([&] { this->hypervisor_.suspend(uuid); }), ErrorCode::not_found);
    EXPECT_EQ(code_of([&] { this->hypervisor_.resume(uuid); }), ErrorCode::not_found);
    EXPECT_EQ(code_of([&] { static_cast<void>(this->hypervisor_.forward_port(uuid, 22)); }),
              ErrorCode::not_found);
}

TYPED_TEST(HypervisorContract, SameUuidOrNameIsAConflict) {
    const auto first = this->subject_.spec("twin");
    auto same_name = this->subject_.spec("other");
    same_name.name = first.name;
    auto same_uuid = this->subject_.spec("third");
    same_uuid.uuid = first.uuid;
    this->hypervisor_.start(first);

    EXPECT_EQ(code_of([&] { this->hypervisor_.start(same_name); }), ErrorCode::conflict);
    EXPECT_EQ(code_of([&] { this->hypervisor_.start(same_uuid); }), ErrorCode::conflict);
    EXPECT_THAT(this->hypervisor_.list(), UnorderedElementsAre(first.uuid));
}

TYPED_TEST(HypervisorContract, MissingDiskIsAnInfraError) {
    auto spec = this->subject_.spec("missing");
    spec.disks[0].path += ".not-there";

    EXPECT_EQ(code_of([&] { this->hypervisor_.start(spec); }), ErrorCode::infra);
    EXPECT_EQ(this->hypervisor_.state(spec.uuid), MachineState::gone);
}

TYPED_TEST(HypervisorContract, ForwardedPortStaysTheSame) {
    const auto spec = this->subject_.spec("net");
    this->hypervisor_.start(spec);

    const auto ssh = this->hypervisor_.forward_port(spec.uuid, 22);
    const auto again = this->hypervisor_.forward_port(spec.uuid, 22);
    const auto http = this->hypervisor_.forward_port(spec.uuid, 80);

    EXPECT_GE(ssh, 1024);
    EXPECT_EQ(again, ssh);
    EXPECT_NE(http, ssh);
}

TYPED_TEST(HypervisorContract, NoNetworkNoForward) {
    auto spec = this->subject_.spec("island");
    spec.network = plan::NetworkKind::none;
    this->hypervisor_.start(spec);

    EXPECT_EQ(code_of([&] { static_cast<void>(this->hypervisor_.forward_port(spec.uuid, 22)); }),
              ErrorCode::infra);
}

TYPED_TEST(HypervisorContract, DescribesItself) {
    const auto info = this->hypervisor_.describe();

    EXPECT_EQ(info.accelerator, "tcg");
    EXPECT_FALSE(info.reason.empty());
    EXPECT_FALSE(info.uri.empty());
    EXPECT_FALSE(info.version.empty());
}

} // namespace
} // namespace lab::test
