// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"
#include "engine/job_context.h"
#include "engine/steps/place_choice.h"
#include "engine/workshop.h"
#include "plan/job_spec.h"
#include "ports/source_repo.h"

namespace lab::engine {

struct BuildRequest {
    plan::BuildVm vm;
    plan::Template machine;
    plan::Template recipe;
    std::shared_ptr<ports::SourceRepo> repo;
    core::CommitId commit;
    plan::BuildMode mode = plan::BuildMode::full;
    plan::CleanBuild clean = plan::CleanBuild::no;
    Priority priority = Priority::wanted;
    Place place = Place::vm; ///< set by build_commit(), as the VM's runs_in says

    /// `<vm>/<12 hex>`
    [[nodiscard]] std::string id() const { return vm.name + "/" + commit.abbreviated(); }
};

enum class BuildState { built, cached, failed };

/// How a build ended. A recipe that fails is an outcome; a build VM that fails is an Error.
struct BuildOutcome {
    BuildState state = BuildState::built;
    ports::ImageLease image = nullptr; ///< absent when failed
    std::string error = {};            ///< one line, when failed
    std::string log_tail = {};         ///< last output, when failed
    double seconds = 0.0;
    std::uint64_t changed_files = 0;
    std::string parent = {}; ///< commit of the build it was cloned from; empty = from nothing
};

[[nodiscard]] const char* to_string(BuildState state) noexcept;

/// Files of its source tree that a build has read, see files_read_in_guest().
[[nodiscard]] std::vector<std::string> files_read_by(const ports::Image& build);

/// The build of a commit: found, or made in a fresh build VM or container and published.
///
/// Two requests for one build make it once. A failed recipe is remembered by the job and not tried
/// again in it.
/// @throws Error infra, Cancelled
[[nodiscard]] BuildOutcome build_commit(Workshop& shop, JobContext& job,
                                        const BuildRequest& request, const std::stop_token& stop);

} // namespace lab::engine
