// SPDX-License-Identifier: Apache-2.0
#include "engine/budget.h"

#include "base/error.h"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>

namespace lab::engine {
namespace {

constexpr Budget::Amount one{1, mebibytes(100)};

TEST(Budget, GivesBackWithTheLease) {
    Budget budget({1, mebibytes(100)});

    { const auto lease = budget.acquire(one, Priority::wanted, {}); }

    EXPECT_NO_THROW(static_cast<void>(budget.acquire(one, Priority::wanted, {})));
}

TEST(Budget, RefusesMoreThanThereIsInAll) {
    Budget budget({2, mebibytes(100)});

    try {
        static_cast<void>(budget.acquire({3, mebibytes(1)}, Priority::wanted, {}));
        FAIL() << "granted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_input);
    }
    EXPECT_THROW(static_cast<void>(budget.acquire({1, mebibytes(101)}, Priority::wanted, {})),
                 Error);
}

TEST(Budget, StopEndsAWait) {
    Budget budget({1, mebibytes(100)});
    const auto held = budget.acquire(one, Priority::wanted, {});
    std::stop_source stop;
    std::atomic<bool> cancelled = false;

    std::thread waiter([&] {
        try {
            static_cast<void>(budget.acquire(one, Priority::wanted, stop.get_token()));
        } catch (const Cancelled&) {
            cancelled = true;
        }
    });
    stop.request_stop();
    waiter.join();

    EXPECT_TRUE(cancelled);
}

TEST(Budget, KeepsOneCpuFreeOfWorkAheadOfTime) {
    Budget budget({2, mebibytes(1000)});
    const auto ahead = budget.acquire(one, Priority::ahead_of_time, {});
    std::stop_source stop;
    stop.request_stop();

    EXPECT_THROW(static_cast<void>(budget.acquire(one, Priority::ahead_of_time, stop.get_token())),
                 Cancelled);
    EXPECT_NO_THROW(static_cast<void>(budget.acquire(one, Priority::wanted, {})));
}

TEST(Budget, NeverGrantsMoreThanItsTotal) {
    Budget budget({3, gibibytes(1)});
    std::atomic<int> used = 0;
    std::atomic<bool> exceeded = false;
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < 8; ++i) {
            threads.emplace_back([&, i] {
                for (int k = 0; k < 50; ++k) {
                    const int cpus = 1 + static_cast<int>(i % 3);
                    const auto lease = budget.acquire({static_cast<unsigned>(cpus), mebibytes(1)},
                                                      Priority::wanted, {});
                    if ((used += cpus) > 3) {
                        exceeded = true;
                    }
                    used -= cpus;
                }
            });
        }
    }

    EXPECT_FALSE(exceeded);
}

} // namespace
} // namespace lab::engine
