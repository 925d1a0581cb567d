// SPDX-License-Identifier: Apache-2.0
#include "adapters/libvirt/cpu_placement.h"

#include "adapters/libvirt/qemu_process.h"
#include "base/process_table.h"
#include "tests/contract/libvirt/subjects.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <set>

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
