// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/server.h"

#include <atomic>
#include <httplib.h>

namespace lab::server {

/// Long polls that may wait at once; those beyond it are answered without waiting, so that
/// connections stay free for other requests.
inline constexpr int long_poll_limit = 128;

/// Longest time a long poll waits.
inline constexpr Duration long_poll_time = std::chrono::seconds(30);

/// Shared by the handlers of one server.
struct Polling {
    std::atomic<bool> stopping = false; ///< ends every long poll within half a second
    std::atomic<int> waiting = 0;
};

/// /v1/jobs and what is below it.
void add_job_routes(httplib::Server& http, engine::JobService& jobs, Polling& polling);

/// /v1/outbox and /v1/jobs/<id>/watch.
void add_outbox_routes(httplib::Server& http, const Services& services);

/// /v1/vms, /v1/templates, /v1/images, /v1/doctor.
void add_lab_routes(httplib::Server& http, engine::LabService& lab);

/// /v1/suts and what is below it.
void add_sut_routes(httplib::Server& http, engine::SutService& suts);

} // namespace lab::server
