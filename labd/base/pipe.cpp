// SPDX-License-Identifier: Apache-2.0
#include "base/pipe.h"

#include "base/error.h"

#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace lab {

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw errno_error("create", "pipe");
    }
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

} // namespace lab
