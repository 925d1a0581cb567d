// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/handle.h"

namespace lab {

/// Both ends of a pipe.
struct Pipe {
    FileDescriptor read_end;
    FileDescriptor write_end;
};

/// A pipe whose ends programs started later do not inherit.
/// @throws Error infra
[[nodiscard]] Pipe make_pipe();

} // namespace lab
