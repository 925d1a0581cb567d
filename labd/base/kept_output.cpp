// SPDX-License-Identifier: Apache-2.0
#include "base/kept_output.h"

#include <algorithm>

namespace lab {

KeptOutput::KeptOutput(Bytes limit)
    : head_limit_(limit.count - limit.count / 2), tail_limit_(limit.count / 2) {}

void KeptOutput::add(std::string_view bytes) {
    size_ += bytes.size();
    const auto first = bytes.substr(0, head_limit_ - head_.size());
    head_ += first;
    bytes.remove_prefix(first.size());
    if (bytes.size() > tail_limit_) {
        bytes.remove_prefix(bytes.size() - tail_limit_);
    }
    if (tail_.size() + bytes.size() > 2 * tail_limit_) {
        tail_ = last_part();
    }
    tail_ += bytes;
}

std::string_view KeptOutput::last_part() const {
    const auto size = std::min(tail_.size(), tail_limit_);
    return std::string_view(tail_).substr(tail_.size() - size);
}

std::uint64_t KeptOutput::left_out() const {
    return size_ - head_.size() - last_part().size();
}

std::string KeptOutput::text() const {
    const auto missing = left_out();
    const auto mark =
        missing == 0 ? std::string() : "\n[... " + format_bytes({missing}) + " left out ...]\n";
    return head_ + mark + std::string(last_part());
}

} // namespace lab
