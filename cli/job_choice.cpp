// SPDX-License-Identifier: Apache-2.0
#include "cli/job_choice.h"

#include <algorithm>

namespace lab::cli {
namespace {

std::string full_id(Session& session, const std::string& named) {
    return session.jobs().job(named).job.id;
}

} // namespace

std::string job_to_follow(Session& session, const std::string& named) {
    if (!named.empty()) {
        return full_id(session, named);
    }
    const auto jobs = session.jobs().jobs();
    if (jobs.empty()) {
        throw Error(ErrorCode::not_found, "job: there is none yet");
    }
    const auto runs = std::find_if(jobs.begin(), jobs.end(),
                                   [](const api::Job& job) { return !api::is_final(job.state); });
    return (runs == jobs.end() ? jobs.begin() : runs)->id;
}

std::string job_of_kind(Session& session, const std::string& named, const std::string& kind,
                        const Error& none) {
    if (!named.empty()) {
        return full_id(session, named);
    }
    const auto jobs = session.jobs().jobs();
    const auto newest = std::find_if(jobs.begin(), jobs.end(),
                                     [&](const api::Job& job) { return job.kind == kind; });
    if (newest == jobs.end()) {
        throw none;
    }
    return newest->id;
}

} // namespace lab::cli
