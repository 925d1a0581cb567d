// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/image_store.h"

#include <optional>
#include <vector>

namespace lab::images {

enum class Usage {
    free,
    leased, ///< somebody has it, or an image backed by it
    kept,   ///< it is to be left alone
};

struct StoredImage {
    ports::Image image;
    WallTime last_used;
    Usage usage = Usage::free;
};

/// Images to remove, in an order in which no image is ever without its backing file: the least
/// recently used first, until what is left takes at most `keep_at_most` (absent: all that are
/// free). Never chooses one that is leased or kept, nor one that an image that stays is backed by.
/// Pure.
[[nodiscard]] std::vector<ports::Image> choose_garbage(std::vector<StoredImage> stored,
                                                       std::optional<Bytes> keep_at_most);

} // namespace lab::images
