// SPDX-License-Identifier: Apache-2.0
#include "engine/planned.h"

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "engine/suts/sut_state.h"

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

/// For a machine by SSH a file comes first: what looks like a build may be a path.
bool names_a_build(const plan::PlanProfile& profile, const plan::PlanSpec& spec,
                   const ResolveContext& context) {
    const auto build = plan::parse_build_target(profile.kernel);
    const auto file = std::filesystem::path(spec.file).parent_path() / profile.kernel;
    return build && context.lab.config.build_vms.contains(build->vm) && !path_exists(file);
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

std::optional<KernelFiles> planned_kernel(const plan::PlanProfile& profile,
                                          const std::filesystem::path& file) {
    const auto subject = "swprofile " + cap(escape_for_terminal(profile.name), 80) + ": ";
    if (profile.kernel.empty()) {
        if (!profile.modules.empty()) {
            throw Error(ErrorCode::bad_input, subject + "modules without a kernel");
        }
        return std::nullopt;
    }
    KernelFiles files{(file.parent_path() / profile.kernel).lexically_normal(), profile.modules};
    std::error_code ignored;
    if (!path_exists(files.kernel) || !std::filesystem::is_regular_file(files.kernel, ignored)) {
        throw Error(ErrorCode::not_found, subject + "kernel '" +
                                              cap(escape_for_terminal(profile.kernel), 200) +
                                              "': no such file (a machine by SSH takes the path of "
                                              "a kernel, or <build-vm>/<commit>)");
    }
    if (!files.modules.empty() && !path_exists(files.modules)) {
        throw Error(ErrorCode::not_found,
                    subject + "modules '" + cap(escape_for_terminal(files.modules.string()), 200) +
                        "': no such directory or archive");
    }
    return files;
}

void resolve_plan(plan::PlanSpec& spec, const ResolveContext& context) {
    const auto plan = value_or_throw(plan::parse_plan(spec.text, spec.file));
    static_cast<void>(planned_benchmarks(plan, context.catalog));
    const bool by_ssh = plan.sut.address || is_sut(context, plan.sut.name);
    for (const auto& profile : plan.profiles) {
        if (by_ssh) {
            check_cmdline(profile.cmdline);
        }
        if (by_ssh && !names_a_build(profile, spec, context)) {
            static_cast<void>(planned_kernel(profile, spec.file));
            continue;
        }
        plan::TestSpec session;
        session.target = target_of(plan, profile);
        session.check.command = "true";
        const auto resolved = std::get<plan::TestSpec>(resolve(session, context)).target;
        if (resolved.build) {
            spec.builds[profile.name] = *resolved.build;
        }
    }
    check_store(spec, context.stores);
}

} // namespace lab::engine
