// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/plan_records.h"

#include <gtest/gtest.h>

namespace lab::engine {
namespace {

class PlanRecords : public testing::Test {
protected:
    PlanRecords() {
        sut_.name = "t";
        sut_.cpu_count = 2;
        profile_.name = "good";
        profile_.sysctl = {"kernel.x=1"};
        benchmark_.suite = "s";
        benchmark_.name = "b";
        benchmark_.resultclasses = {{"score", "ops/s"}, {"delay", "us"}};
        outcome_.session = "0d1e2f30-0000-4000-8000-000000000000";
        outcome_.start = "2025-03-01T10:00:00.000Z";
        outcome_.accelerator = "tcg";
    }

    [[nodiscard]] Sample sample(double value, unsigned sequence) const {
        Sample made;
        made.metric = {"score", value, "ops/s"};
        made.session = outcome_.session;
        made.sequence = sequence;
        made.time = "2025-03-01T10:00:01.000Z";
        made.others = "paused";
        return made;
    }

    [[nodiscard]] ports::ResultBatch records() const {
        return records_of({sut_, profile_, "c0ffee", benchmark_}, outcome_);
    }

    ports::SutRecord sut_;
    plan::PlanProfile profile_;
    plan::Benchmark benchmark_;
    SessionOutcome outcome_;
};

TEST_F(PlanRecords, HoldSamplesWithAllTheyReferTo) {
    outcome_.result = SamplesTaken{{sample(1.5, 1), sample(2.5, 2)}};
    const auto batch = records();
    ASSERT_EQ(batch.results.size(), 2U);
    EXPECT_EQ(batch.results[1].value, 2.5);
    EXPECT_EQ(batch.results[1].sequence, 2);
    EXPECT_EQ(batch.results[1].quiet, "paused");
    EXPECT_EQ(batch.results[1].benchmark, batch.benchmarks.at(0).id());
    EXPECT_EQ(batch.resultclasses.size(), 2U);
    EXPECT_EQ(batch.suts.at(0).cpu_count, 2);
    EXPECT_EQ(batch.swprofiles.at(0).kernel_git_sha, "c0ffee");
    EXPECT_EQ(batch.sessions.at(0).uuid, outcome_.session);
    EXPECT_TRUE(batch.errors.empty());
}

TEST_F(PlanRecords, CanBeAnnouncedBeforeAnythingIsMeasured) {
    const auto objects = objects_of({sut_, profile_, "c0ffee", benchmark_});
    outcome_.result = SamplesTaken{{sample(1.5, 1)}};
    const auto all = records();
    EXPECT_EQ(objects.suts, all.suts);
    EXPECT_EQ(objects.swprofiles, all.swprofiles);
    EXPECT_EQ(objects.resultclasses, all.resultclasses);
    EXPECT_TRUE(objects.sessions.empty() && objects.results.empty());
}

TEST_F(PlanRecords, SayWhatTheMachineIs) {
    outcome_.fingerprint.emplace();
    outcome_.fingerprint->hardware.architecture = "x86_64";
    outcome_.fingerprint->hardware.cpu_count = 7;
    outcome_.fingerprint->kernel_name = "Linux 6.1";
    const auto batch = records();
    EXPECT_EQ(batch.suts.at(0).name, "t");
    EXPECT_EQ(batch.suts.at(0).architecture, "x86_64");
    EXPECT_EQ(batch.suts.at(0).cpu_count, 2); // the machine's, not the guest's word
    EXPECT_EQ(batch.swprofiles.at(0).kernel_name, "Linux 6.1");
}

TEST_F(PlanRecords, HoldOneErrorRowAndWhatWasMeasuredBefore) {
    outcome_.before = {sample(1.5, 1)};
    outcome_.failed_run = 3;
    outcome_.result = CheckFailed{"s/b: exit code 1"};
    const auto batch = records();
    EXPECT_EQ(batch.results.size(), 1U);
    ASSERT_EQ(batch.errors.size(), 1U);
    EXPECT_EQ(batch.errors[0].sequence, 3);
    EXPECT_EQ(batch.errors[0].code, 1);
    EXPECT_EQ(batch.errors[0].text, "s/b: exit code 1");
}

TEST_F(PlanRecords, TellGuestsThatWentDownFromChecksThatFailed) {
    outcome_.failed_run = 1;
    outcome_.result = WentDown{"panic", "Kernel panic"};
    EXPECT_EQ(records().errors.at(0).code, 2);
}

} // namespace
} // namespace lab::engine
