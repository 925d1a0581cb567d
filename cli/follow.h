// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "cli/session.h"
#include "plan/job_spec.h"

#include <optional>
#include <string>

namespace lab::cli {

enum class Detach { no, yes };

/// Submits a job and follows it to its end; prints its result and, when it failed, why.
/// With --dry-run has it checked and prints what would be submitted; detached prints the job's id.
/// @return the job's exit code, or 130 when a signal ended the following (the job goes on).
[[nodiscard]] int submit(Session& session, const plan::JobSpec& spec, Detach detach);

/// Has labd check a job by a lab.yaml that is not written yet.
/// @throws Error  as submitting it would.
/// @return what would be done, for --dry-run.
[[nodiscard]] Document preview(Session& session, const plan::JobSpec& spec,
                               const api::ConfigText& config);

/// Follows a job that exists.
/// @throws Error timed_out  when it is not over after `limit`.
[[nodiscard]] int follow(Session& session, const std::string& id,
                         std::optional<Duration> limit = std::nullopt);

/// Copies a job's log to the output; with `wait` goes on until the job is over.
enum class LogEnd { now, wait };
[[nodiscard]] int copy_log(Session& session, const std::string& id, LogEnd end);

/// Makes SIGINT and SIGTERM set a flag instead of ending the process.
void catch_signals();

/// True once one of them has come.
[[nodiscard]] bool interrupted() noexcept;

} // namespace lab::cli
