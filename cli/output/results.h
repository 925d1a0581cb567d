// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages.h"
#include "base/json_members.h"
#include "base/values.h"
#include "cli/output/document.h"

namespace lab::cli {

/// The result of a job of any kind (docs/api.md has the shapes). Tolerates missing members: a job
/// that failed or still runs has only a part of them. Pure.
[[nodiscard]] Document result_document(const api::JobDetail& detail);

/// The result of a bisection: git's sentence, the commit, every verdict and the confidence.
[[nodiscard]] Document bisect_document(const api::JobDetail& detail);

/// The same, with what each observation taught: the chance that its commit is bad, the number of
/// commits left, the likeliest culprit.
[[nodiscard]] Document bisect_report(const api::JobDetail& detail);

} // namespace lab::cli
