// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/job_context.h"
#include "engine/workshop.h"

namespace lab::engine {

/// What an install is for.
enum class Delivers {
    root,   ///< a test VM: its root, and what boots it
    kernel, ///< a machine by SSH: a kernel and its modules
};

struct InstallRequest {
    ports::ImageLease build;
    std::string build_id; ///< `<vm>/<12 hex>`, for people
    plan::BuildVm in;     ///< machine that runs the install
    plan::Template in_machine;
    plan::Template recipe; ///< whose install recipe is used
    plan::TestVm test_vm;
    plan::Template test_machine;
    Priority priority = Priority::wanted;
    Delivers delivers = Delivers::root;

    [[nodiscard]] std::string id() const { return build_id + "/" + test_vm.name; }
};

enum class InstallState { installed, cached, failed };

/// How an install ended. A recipe that fails is an outcome.
struct InstallOutcome {
    InstallState state = InstallState::installed;
    ports::ImageLease image = nullptr; ///< absent when failed
    std::string error = {};            ///< one line, when failed
    std::string log_tail = {};         ///< last output, when failed
    std::string artefact = {};         ///< see artefact_in_guest(); empty = not known
    double seconds = 0.0;
};

[[nodiscard]] const char* to_string(InstallState state) noexcept;

/// A test machine's root with one build installed into it: found, or made in a machine that has the
/// build as a read-only disk. The root without the build stays as it is. Of a kernel that is
/// delivered the image has kernel() and, where there are any, modules(); its root counts for
/// nothing.
/// @throws Error infra, Cancelled
[[nodiscard]] InstallOutcome install_build(Workshop& shop, JobContext& job,
                                           const InstallRequest& request,
                                           const std::stop_token& stop);

} // namespace lab::engine
