// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/sut_seat.h"

#include "engine/suts/planned_sut.h"

namespace lab::engine {

void SutSeat::restore(const std::stop_token& stop) {
    const std::lock_guard lock(mutex_);
    if (driver_) {
        driver_->restore(stop);
    }
}

SutDriver& SutSeat::driver(const JobRun& run) {
    if (!driver_) {
        driver_.emplace(run.shop, run.job, added_sut(run.shop.deps.suts, name_), run.stop);
    }
    return *driver_;
}

} // namespace lab::engine
