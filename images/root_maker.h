// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "images/guestfs.h"
#include "ports/image_store.h"

#include <functional>
#include <memory>

namespace lab::images {

struct RootMakerOptions {
    /// Asked before each start of the appliance; may be slow.
    std::function<AcceleratorHint()> accelerator;
    /// Largest virtual size of an imported image.
    Bytes import_limit = gibibytes(256);
};

/// Makes root images into `store`, which must outlive the maker. One image is made at a time:
/// making one takes both cores and the network anyway.
[[nodiscard]] std::unique_ptr<ports::RootMaker> make_root_maker(ports::ImageStore& store,
                                                                RootMakerOptions options);

} // namespace lab::images
