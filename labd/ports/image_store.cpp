// SPDX-License-Identifier: Apache-2.0
#include "ports/image_store.h"

namespace lab::ports {

const char* to_string(ImageKind kind) noexcept {
    switch (kind) {
    case ImageKind::root:
        return "root";
    case ImageKind::build:
        return "build";
    case ImageKind::install:
        return "install";
    case ImageKind::disk:
        return "disk";
    }
    return "root";
}

} // namespace lab::ports
