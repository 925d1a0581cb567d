// SPDX-License-Identifier: Apache-2.0
#include "engine/planned.h"

#include "base/error.h"
#include "base/text.h"

namespace lab::engine {
namespace {

/// A store that must not be there yet; what is not said to be added to is left alone.
void check_store(const plan::PlanSpec& spec, ports::ResultStores& stores) {
    if (spec.output.empty() || spec.append) {
        return;
    }
    try {
        static_cast<void>(stores.open(spec.output, ports::OpenMode::read));
    } catch (const Error& error) {
        if (error.code() == ErrorCode::not_found) {
            return;
        }
        throw;
    }
    throw Error(ErrorCode::conflict,
                cap(escape_for_terminal(spec.output), 300) + ": this result store exists",
                "add to it with --append, or name another one");
}

/// The machine of a profile: the plan's SUT, with the build that the profile's kernel names.
plan::MachineTarget target_of(const plan::BenchPlan& plan, const plan::PlanProfile& profile) {
    plan::MachineTarget target{plan.sut.name};
    if (!profile.kernel.empty()) {
        const auto build = plan::parse_build_target(profile.kernel);
        if (!build || profile.kernel.front() == '.' || profile.kernel.front() == '/') {
            throw Error(ErrorCode::bad_input,
                        "swprofile " + cap(escape_for_terminal(profile.name), 80) + ": kernel '" +
                            cap(escape_for_terminal(profile.kernel), 200) +
                            "' is no build (a test VM takes <build-vm>/<commit>)");
        }
        target.build = *build;
    }
    return target;
}

} // namespace

std::vector<plan::Benchmark> planned_benchmarks(const plan::BenchPlan& plan,
                                                const Catalog& catalog) {
    std::vector<plan::Benchmark> benchmarks;
    for (const auto& planned : plan.benchmarks) {
        auto benchmark = planned.own;
        if (!benchmark) {
            plan::Check check;
            check.benchmark = planned.include;
            check.params = planned.params;
            benchmark = catalog.benchmark(check);
        }
        benchmarks.push_back(planned.counts.applied_to(plan.defaults.applied_to(*benchmark)));
    }
    return benchmarks;
}

void resolve_plan(plan::PlanSpec& spec, const ResolveContext& context) {
    const auto plan = value_or_throw(plan::parse_plan(spec.text, spec.file));
    if (plan.sut.address) {
        throw Error(ErrorCode::bad_input,
                    "sut.connection: machines by SSH cannot be measured yet (a test VM's name)");
    }
    static_cast<void>(context.lab.test_vm(plan.sut.name));
    static_cast<void>(planned_benchmarks(plan, context.catalog));
    for (const auto& profile : plan.profiles) {
        const auto target = target_of(plan, profile);
        const auto resolved =
            std::get<plan::StartSpec>(resolve(plan::StartSpec{target}, context)).target;
        if (resolved.build) {
            spec.builds[profile.name] = *resolved.build;
        }
    }
    check_store(spec, context.stores);
}

} // namespace lab::engine
