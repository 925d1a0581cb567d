// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/place_choice.h"

#include "base/error.h"

namespace lab::engine {
namespace {

/// Why the machine cannot build in a container; empty when it can.
std::string obstacle(const plan::Template& machine) {
    if (!machine.build_machine || !machine.build_machine->container) {
        return "template " + machine.name + " does not say build_machine.container";
    }
    if (machine.network == plan::NetworkKind::outbound) {
        return "it is let out (outbound), and containers have no network";
    }
    return {};
}

} // namespace

const char* to_string(Place place) noexcept {
    return place == Place::vm ? "vm" : "container";
}

PlaceChoice choose_place(const plan::BuildVm& vm, const plan::Template& machine,
                         const HostAnswers& host) {
    if (vm.runs_in == plan::RunsIn::vm) {
        return {Place::vm, "runs_in is vm"};
    }
    const auto cannot = obstacle(machine);
    if (vm.runs_in == plan::RunsIn::container) {
        if (!cannot.empty()) {
            throw Error(ErrorCode::bad_input,
                        "build_vms." + vm.name + ".runs_in: container is not possible: " + cannot);
        }
        const auto support = host.containers();
        if (!support.works) {
            throw Error(ErrorCode::infra,
                        vm.name + ": containers do not work here: " + support.reason, support.fix);
        }
        return {Place::container, "runs_in is container"};
    }
    if (!cannot.empty()) {
        return {Place::vm, cannot};
    }
    const auto info = host.hypervisor();
    if (info.accelerator == "kvm") {
        return {Place::vm, "KVM works"};
    }
    const auto support = host.containers();
    if (!support.works) {
        return {Place::vm, "no KVM, but no containers either: " + support.reason};
    }
    return {Place::container, "no KVM, and containers work"};
}

} // namespace lab::engine
