// SPDX-License-Identifier: Apache-2.0
#include "engine/quiet_host.h"

#include "base/error.h"
#include "tests/fakes/fake_cpu_placement.h"
#include "tests/fakes/fake_hypervisor.h"

#include <future>
#include <gtest/gtest.h>
#include <thread>

namespace lab::engine {
namespace {

using namespace std::chrono_literals;
using ports::MachineState;

class QuietHostTest : public testing::Test {
protected:
    std::shared_ptr<QuietHost::Guest> started(const std::string& uuid) {
        ports::MachineSpec spec;
        spec.uuid = uuid;
        spec.name = uuid;
        hypervisor_.start(spec);
        return host_.enter(uuid);
    }

    fakes::FakeHypervisor hypervisor_;
    fakes::FakeCpuPlacement placement_;
    QuietHost host_{hypervisor_, placement_};
    std::stop_source stop_;
};

TEST_F(QuietHostTest, LetsTheOthersStandStillForATurn) {
    const auto measuring = started("a");
    const auto other = started("b");
    {
        const auto turn = host_.begin(*measuring, 1, plan::Quiet::pause, stop_.get_token());
        EXPECT_EQ(hypervisor_.state("a"), MachineState::running);
        EXPECT_EQ(hypervisor_.state("b"), MachineState::paused);
        EXPECT_TRUE(other->stands_still());
        EXPECT_FALSE(measuring->stands_still());
    }
    EXPECT_EQ(hypervisor_.state("b"), MachineState::running);
    EXPECT_FALSE(other->stands_still());
}

TEST_F(QuietHostTest, DoesNotCountTheTimeThatAGuestWaitsForACpu) {
    const auto guest = started("a");
    const auto before = guest->now();
    placement_.let_wait("a", 10min);
    const auto starved = guest->now();
    EXPECT_EQ(starved, before) << "nor does the clock go back";
    placement_.let_wait("a", 0min);
    EXPECT_EQ(guest->now(), before) << "what is gone has not waited less";
}

TEST_F(QuietHostTest, CountsTheTimeThatAGuestRuns) {
    const auto guest = started("a");
    placement_.let_wait("a", 10min);
    const auto before = guest->now();
    std::this_thread::sleep_for(2ms);
    EXPECT_GT(guest->now(), before);
}

TEST_F(QuietHostTest, LeavesTheOthersAloneWithoutQuiet) {
    const auto measuring = started("a");
    const auto other = started("b");
    EXPECT_EQ(host_.begin(*measuring, 1, plan::Quiet::none, stop_.get_token()), nullptr);
    EXPECT_EQ(hypervisor_.state("b"), MachineState::running);
}

TEST_F(QuietHostTest, StopsTheTimeOfWhatStandsStill) {
    const auto measuring = started("a");
    const auto other = started("b");
    const auto turn = host_.begin(*measuring, 1, plan::Quiet::pause, stop_.get_token());
    const auto still = other->now();
    const auto theirs = Deadline::in({5ms, [&] {
                                          return other->now();
                                      }});
    const auto mine = Deadline::in({5ms, [&] {
                                        return measuring->now();
                                    }});
    const auto limit = Deadline::in(10s);
    while (!mine.passed() && !limit.passed()) {
        std::this_thread::yield();
    }
    EXPECT_FALSE(limit.passed());
    EXPECT_FALSE(theirs.passed());
    EXPECT_EQ(other->now(), still);
}

TEST_F(QuietHostTest, GoesOnWithTheTimeThatWasLeft) {
    const auto measuring = started("a");
    const auto other = started("b");
    auto turn = host_.begin(*measuring, 1, plan::Quiet::pause, stop_.get_token());
    const auto still = other->now();
    turn.reset();
    const auto limit = Deadline::in(10s);
    while (other->now() == still && !limit.passed()) {
        std::this_thread::yield();
    }
    EXPECT_GT(other->now(), still);
}

TEST_F(QuietHostTest, SuspendsWhatStartsDuringATurn) {
    const auto measuring = started("a");
    auto turn = host_.begin(*measuring, 1, plan::Quiet::pause, stop_.get_token());
    const auto late = started("late");
    EXPECT_EQ(hypervisor_.state("late"), MachineState::paused);
    turn.reset();
    EXPECT_EQ(hypervisor_.state("late"), MachineState::running);
}

TEST_F(QuietHostTest, TakesTurns) {
    const auto first = started("a");
    const auto second = started("b");
    auto turn = host_.begin(*first, 1, plan::Quiet::pause, stop_.get_token());
    auto waiting = std::async(std::launch::async, [&] {
        return host_.begin(*second, 1, plan::Quiet::pause, stop_.get_token());
    });
    EXPECT_EQ(waiting.wait_for(50ms), std::future_status::timeout);
    turn.reset();
    ASSERT_EQ(waiting.wait_for(10s), std::future_status::ready);
    const auto theirs = waiting.get();
    EXPECT_EQ(hypervisor_.state("a"), MachineState::paused);
    EXPECT_EQ(hypervisor_.state("b"), MachineState::running);
}

TEST_F(QuietHostTest, EndsTheWaitForATurnWhenItIsStopped) {
    const auto first = started("a");
    const auto second = started("b");
    const auto turn = host_.begin(*first, 1, plan::Quiet::pause, stop_.get_token());
    std::stop_source cancelled;
    cancelled.request_stop();
    EXPECT_THROW((void)host_.begin(*second, 1, plan::Quiet::pause, cancelled.get_token()),
                 Cancelled);
}

TEST_F(QuietHostTest, ForgetsWhatEndedByItself) {
    const auto measuring = started("a");
    const auto other = started("b");
    hypervisor_.end_by_itself("b");
    const auto turn = host_.begin(*measuring, 1, plan::Quiet::pause, stop_.get_token());
    EXPECT_NE(turn, nullptr);
    EXPECT_FALSE(other->stands_still());
}

TEST_F(QuietHostTest, KeepsTheOthersOffTheCpusOfTheOneThatMeasures) {
    using Cpus = std::vector<unsigned>;
    const auto measuring = started("a");
    const auto other = started("b");
    auto turn = host_.begin(*measuring, 1, plan::Quiet::pin, stop_.get_token());
    const auto late = started("late");
    EXPECT_EQ(placement_.place_of("a"), (Cpus{3}));
    EXPECT_EQ(placement_.place_of("b"), (Cpus{0, 1, 2}));
    EXPECT_EQ(placement_.place_of("late"), (Cpus{0, 1, 2}));
    EXPECT_EQ(hypervisor_.state("b"), MachineState::running);
    turn.reset();
    for (const auto* uuid : {"a", "b", "late"}) {
        EXPECT_EQ(placement_.place_of(uuid), placement_.cpus()) << uuid;
    }
}

TEST_F(QuietHostTest, RefusesToGiveOneInstanceAllCpus) {
    const auto measuring = started("a");
    const auto all = static_cast<unsigned>(placement_.cpus().size());
    EXPECT_THROW((void)host_.begin(*measuring, all, plan::Quiet::pin, stop_.get_token()), Error);
    // The turn is not taken.
    EXPECT_NE(host_.begin(*measuring, 1, plan::Quiet::pin, stop_.get_token()), nullptr);
}

TEST_F(QuietHostTest, SetsFreeWhatAnEarlierProcessLeft) {
    const auto before = started("a");
    hypervisor_.suspend("a");
    placement_.place("a", {0});
    const auto adopted = host_.adopt("a");
    EXPECT_EQ(hypervisor_.state("a"), MachineState::running);
    EXPECT_EQ(placement_.place_of("a"), placement_.cpus());
}

TEST_F(QuietHostTest, MeasuresOnceWorkOfTheHostHasEnded) {
    const auto measuring = started("a");
    auto work = host_.begin_work(stop_.get_token());
    auto turn = std::async(std::launch::async, [&] {
        return host_.begin(*measuring, 1, plan::Quiet::pause, stop_.get_token());
    });
    EXPECT_NE(turn.wait_for(50ms), std::future_status::ready);

    work.reset();

    auto measures = turn.get();
    ASSERT_NE(measures, nullptr);
    auto later =
        std::async(std::launch::async, [&] { return host_.begin_work(stop_.get_token()); });
    EXPECT_NE(later.wait_for(50ms), std::future_status::ready);
    measures.reset();
    EXPECT_NE(later.get(), nullptr);
}

TEST_F(QuietHostTest, WorkThatIsNotWantedAnyMoreDoesNotWait) {
    const auto measuring = started("a");
    const auto turn = host_.begin(*measuring, 1, plan::Quiet::pause, stop_.get_token());
    std::stop_source stop;
    stop.request_stop();

    EXPECT_THROW(static_cast<void>(host_.begin_work(stop.get_token())), Cancelled);
}

} // namespace
} // namespace lab::engine
