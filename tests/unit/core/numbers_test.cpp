// SPDX-License-Identifier: Apache-2.0
#include "core/numbers.h"

#include <gtest/gtest.h>

namespace lab::core {
namespace {

TEST(Numbers, AreShortAndNeverCertain) {
    EXPECT_EQ(significant(6708.512), "6708.51");
    EXPECT_EQ(per_cent(0.973125), "97.31 %");
    EXPECT_EQ(per_cent(1), "more than 99.99 %");
    EXPECT_EQ(per_cent(0), "less than 0.01 %");
}

} // namespace
} // namespace lab::core
