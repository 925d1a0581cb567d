// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace lab {

/// The first and the last part of a stream of any length: each half of a limit, for people who look
/// at what a program printed. Not thread-safe.
class KeptOutput {
public:
    explicit KeptOutput(Bytes limit);

    void add(std::string_view bytes);

    /// Bytes in the middle that are not kept; 0 = the text is whole.
    [[nodiscard]] std::uint64_t left_out() const;

    /// All of it, or both parts and between them the line "[... 4.2 MiB left out ...]".
    [[nodiscard]] std::string text() const;

private:
    [[nodiscard]] std::string_view last_part() const;

    std::size_t head_limit_;
    std::size_t tail_limit_;
    std::string head_;
    std::string tail_; ///< up to twice its limit, so that it is seldom moved
    std::uint64_t size_ = 0;
};

} // namespace lab
