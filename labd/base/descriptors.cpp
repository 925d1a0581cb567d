// SPDX-License-Identifier: Apache-2.0
#include "base/descriptors.h"

#include <linux/close_range.h>
#include <sys/resource.h>
#include <unistd.h>

namespace lab {

void close_descriptors_from(int first) noexcept {
    if (::close_range(static_cast<unsigned>(first), ~0U, 0) == 0) {
        return;
    }
    // A kernel or a sandbox that does not know the call.
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    for (int number = first; static_cast<rlim_t>(number) < limit.rlim_cur; ++number) {
        ::close(number);
    }
}

void keep_descriptors_from_programs() noexcept {
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
}

} // namespace lab
