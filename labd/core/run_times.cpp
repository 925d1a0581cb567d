// SPDX-License-Identifier: Apache-2.0
#include "core/run_times.h"

#include <algorithm>

namespace lab::core {

void RunTimes::add_test(double seconds) {
    ++tests_;
    test_seconds_ += seconds;
}

double RunTimes::add_build_and_test(double seconds) {
    if (tests_ > 0) {
        return std::max(0.0, seconds - test());
    }
    ++wholes_;
    whole_seconds_ += seconds;
    return 0;
}

double RunTimes::test() const {
    if (tests_ > 0) {
        return test_seconds_ / tests_;
    }
    return wholes_ > 0 ? whole_seconds_ / wholes_ : 0;
}

} // namespace lab::core
