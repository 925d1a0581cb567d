// SPDX-License-Identifier: Apache-2.0
#include "plan/model.h"

namespace lab::plan {

const char* to_string(BuildMode mode) noexcept {
    return mode == BuildMode::kernel ? "kernel" : "full";
}

} // namespace lab::plan
