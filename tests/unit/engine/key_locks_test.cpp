// SPDX-License-Identifier: Apache-2.0
#include "engine/key_locks.h"

#include "base/error.h"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace lab::engine {
namespace {

TEST(KeyLocks, LetOneThreadAtATimeHoldAKey) {
    KeyLocks locks;
    std::atomic<int> inside = 0;
    std::atomic<bool> doubled = false;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int k = 0; k < 100; ++k) {
                    const auto guard = locks.lock("same", {});
                    doubled = doubled || ++inside > 1;
                    --inside;
                }
            });
        }
    }

    EXPECT_FALSE(doubled);
}

TEST(KeyLocks, DoNotMixKeys) {
    KeyLocks locks;

    const auto first = locks.lock("a", {});
    const auto second = locks.lock("b", {});

    SUCCEED();
}

TEST(KeyLocks, StopEndsAWait) {
    KeyLocks locks;
    const auto held = locks.lock("a", {});
    std::stop_source stop;
    stop.request_stop();

    EXPECT_THROW(static_cast<void>(locks.lock("a", stop.get_token())), Cancelled);
}

TEST(KeyLocks, TellWhatIsHeld) {
    KeyLocks locks;
    const auto before = locks.is_held("a");
    {
        const auto guard = locks.lock("a", {});
        EXPECT_TRUE(locks.is_held("a"));
        EXPECT_FALSE(locks.is_held("b"));
    }

    EXPECT_FALSE(before);
    EXPECT_FALSE(locks.is_held("a"));
}

} // namespace
} // namespace lab::engine
