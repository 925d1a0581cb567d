// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/model.h"
#include "ports/containers.h"
#include "ports/hypervisor.h"

#include <functional>
#include <string>

namespace lab::engine {

/// Where commits are built.
enum class Place { vm, container };

[[nodiscard]] const char* to_string(Place place) noexcept;

struct PlaceChoice {
    Place place = Place::vm;
    std::string reason; ///< one sentence for people
};

/// What is known of the host; asked only when it matters, for the answers take time.
struct HostAnswers {
    std::function<ports::HypervisorInfo()> hypervisor;
    std::function<ports::ContainerSupport()> containers;
};

/// Where a build VM's commits are built: as `runs_in` says. `auto` is a virtual machine where KVM
/// works or the machine can do nothing else, else a container where containers work.
/// @param machine  as the build VM has it.
/// @throws Error bad_input  for `container` with a machine that cannot do it.
/// @throws Error infra      for `container` on a host that cannot.
[[nodiscard]] PlaceChoice choose_place(const plan::BuildVm& vm, const plan::Template& machine,
                                       const HostAnswers& host);

} // namespace lab::engine
