// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/units.h"

#include <cstddef>

namespace lab::server {

/// What clients may take; times are for the whole of a request, however many pieces it comes in.
struct RequestLimits {
    std::size_t connections = 256;                ///< at once; those beyond get 503
    Bytes head = Bytes{std::uint64_t{64} << 10U}; ///< request line and headers
    Bytes body = mebibytes(4);
    Duration head_time = std::chrono::seconds(5);
    Duration body_time = std::chrono::seconds(30);
    Duration answer_time = std::chrono::seconds(30); ///< from its first byte on
};

} // namespace lab::server
