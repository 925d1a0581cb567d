// SPDX-License-Identifier: Apache-2.0
#include "adapters/git/space_check.h"

#include "base/error.h"

namespace lab::adapters::git {
SpaceCheck::SpaceCheck(std::filesystem::path directory, Bytes left_free)
    : directory_(std::move(directory)), left_free_(left_free) {}

bool SpaceCheck::has_room(Bytes next) {
    if (!full_) {
        std::error_code unknown; // then writing tells
        const auto space = std::filesystem::space(directory_, unknown);
        full_ = !unknown && space.available < (left_free_ + next).count;
    }
    return !full_;
}

void SpaceCheck::require_room() const {
    if (full_) {
        throw Error(ErrorCode::infra,
                    directory_.string() + ": no room on its file system (" +
                        format_bytes(left_free_) + " are left free)",
                    "free some space there: lab image gc removes images that nobody uses");
    }
}

} // namespace lab::adapters::git
