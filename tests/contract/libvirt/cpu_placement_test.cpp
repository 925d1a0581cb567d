// SPDX-License-Identifier: Apache-2.0
#include "adapters/libvirt/cpu_placement.h"

#include "adapters/libvirt/qemu_process.h"
#include "base/process_table.h"
#include "tests/contract/libvirt/subjects.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <set>
#include <thread>

namespace lab::test {
namespace {

/// The CPUs that any thread of a process may use.
std::set<unsigned> cpus_of(pid_t process) {
    std::set<unsigned> all;
    for (const auto thread : threads_of(process)) {
        cpu_set_t set;
        CPU_ZERO(&set);
        if (::sched_getaffinity(thread, sizeof set, &set) == 0) {
            for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
                if (CPU_ISSET(cpu, &set)) {
                    all.insert(cpu);
                }
            }
        }
    }
    return all;
}

TEST(CpuPlacement, KeepsAllThreadsOfARealInstanceOnItsCpus) {
    EmbeddedSubject subject;
    const auto placement = adapters::make_cpu_placement();
    const auto spec = subject.spec("placed");
    subject.hypervisor().start(spec);
    const auto process = adapters::find_qemu(spec.uuid);
    ASSERT_TRUE(process);
    ASSERT_GT(threads_of(*process).size(), 1U);
    const auto all = placement->cpus();
    const std::set<unsigned> everywhere(all.begin(), all.end());
    EXPECT_EQ(cpus_of(*process), everywhere);

    placement->place(spec.uuid, {all.back()});
    EXPECT_EQ(cpus_of(*process), std::set<unsigned>{all.back()});

    placement->place(spec.uuid, all);
    EXPECT_EQ(cpus_of(*process), everywhere);
}

TEST(CpuPlacement, SeesAnInstanceWaitWhileTheHostIsBusy) {
    EmbeddedSubject subject;
    const auto placement = adapters::make_cpu_placement();
    const auto spec = subject.spec("waits");
    subject.hypervisor().start(spec);
    // Its own threads and this loop share one CPU, so the busier the guest the longer it waits.
    const auto cpu = placement->cpus().back();
    placement->place(spec.uuid, {cpu});
    const std::jthread rival([cpu](const std::stop_token& stop) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        ASSERT_EQ(::sched_setaffinity(0, sizeof set, &set), 0);
        while (!stop.stop_requested()) {
        }
    });
    const auto before = placement->waited(spec.uuid);
    const auto deadline = Deadline::in(std::chrono::seconds(60));
    while (placement->waited(spec.uuid) <= before && !deadline.passed()) {
        sleep_for(std::chrono::milliseconds(10), {});
    }
    EXPECT_GT(placement->waited(spec.uuid), before);
    EXPECT_EQ(placement->waited(new_uuid()), Duration::zero());
}

TEST(CpuPlacement, RefusesAnInstanceThatNoProcessRuns) {
    try {
        adapters::make_cpu_placement()->place(new_uuid(), {0});
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::infra);
    }
}

} // namespace
} // namespace lab::test
