// SPDX-License-Identifier: Apache-2.0
#include "engine/resolve.h"

#include "base/process.h"
#include "base/text.h"
#include "core/git_search.h"
#include "engine/jobs/bisect_question.h"
#include "engine/planned.h"

#include <algorithm>

namespace lab::engine {
namespace {

std::shared_ptr<ports::SourceRepo> repo_of(const ResolveContext& context, const plan::BuildVm& vm) {
    return context.repos.open(context.lab.config.sources.at(vm.source).path);
}

void check_size(const ResolveContext& context, const std::string& name, unsigned cpus,
                Bytes memory) {
    if (cpus > context.budget.cpus || memory > context.budget.memory) {
        throw Error(ErrorCode::bad_input,
                    name + ": wants " + std::to_string(cpus) + " CPUs and " + format_bytes(memory) +
                        " (the budget is " + std::to_string(context.budget.cpus) + " CPUs and " +
                        format_bytes(context.budget.memory) + ")",
                    "lower cpus or memory of the machine, or raise budget in lab.yaml");
    }
}

void resolve_build(plan::BuildTarget& target, const ResolveContext& context) {
    const auto& vm = context.lab.build_vm(target.vm);
    check_size(context, vm.name, vm.cpus, vm.memory);
    target.commit = value_or_throw(repo_of(context, vm)->resolve(target.revision)).hex();
}

void check_test_vm(const std::string& name, const ResolveContext& context) {
    const auto& vm = context.lab.test_vm(name);
    check_size(context, vm.name, vm.cpus, vm.memory);
}

void resolve_install(plan::InstallTarget& target, const ResolveContext& context) {
    check_test_vm(target.test_vm, context);
    resolve_build(target.build, context);
}

void resolve_check(plan::Check& check, const ResolveContext& context) {
    if (check.benchmark.empty() == check.command.empty()) {
        throw Error(ErrorCode::bad_input,
                    "check: either --bench <suite/name> or -- <command> must be given");
    }
    if (check.benchmark.empty()) {
        if (check.tunes_benchmark()) {
            throw Error(ErrorCode::bad_input,
                        "check: a metric, a parameter, a clock or quiet without a benchmark (they "
                        "go with --bench only)");
        }
        return;
    }
    const auto benchmark = context.catalog.benchmark(check);
    if (check.metric.empty()) {
        check.metric = benchmark.resultclasses.front().name;
    }
    const auto found = std::any_of(benchmark.resultclasses.begin(), benchmark.resultclasses.end(),
                                   [&](const auto& one) { return one.name == check.metric; });
    if (!found) {
        std::vector<std::string> names;
        for (const auto& one : benchmark.resultclasses) {
            names.push_back(one.name);
        }
        throw Error(ErrorCode::not_found, "--metric " + cap(escape_for_terminal(check.metric), 80) +
                                              ": no such resultclass of " + benchmark.id() +
                                              " (there are: " + join(names, ", ") + ")");
    }
}

void check_kernel_mode(const plan::BuildVm& vm, const ResolveContext& context) {
    if (!context.lab.templates.at(vm.recipe).recipes->kernel) {
        throw Error(ErrorCode::bad_input, vm.name + ": template " + vm.recipe +
                                              " has no kernel recipe (use --mode full)");
    }
}

void apply(plan::CreateSpec& spec, const ResolveContext& context) {
    for (const auto& name : spec.vms) {
        if (!context.lab.config.build_vms.contains(name)) {
            static_cast<void>(context.lab.test_vm(name));
        }
    }
}

void apply(plan::BuildSpec& spec, const ResolveContext& context) {
    for (auto& target : spec.targets) {
        resolve_build(target, context);
        if (spec.mode == plan::BuildMode::kernel) {
            check_kernel_mode(context.lab.build_vm(target.vm), context);
        }
    }
}

void apply(plan::InstallSpec& spec, const ResolveContext& context) {
    if (!spec.in.empty()) {
        static_cast<void>(context.lab.build_vm(spec.in));
    }
    for (auto& target : spec.targets) {
        resolve_install(target, context);
    }
}

void resolve_machine(plan::MachineTarget& target, const ResolveContext& context) {
    const bool is_build_vm = context.lab.config.build_vms.contains(target.vm);
    if (!is_build_vm) {
        check_test_vm(target.vm, context);
    }
    if (target.build) {
        resolve_build(*target.build, context);
    } else if (context.lab.machine_of(target.vm).boot.kernel_origin ==
                   plan::KernelOrigin::install &&
               context.lab.machine_of(target.vm).boot.method == plan::BootMethod::direct) {
        throw Error(ErrorCode::bad_input,
                    target.vm + ": has no kernel of its own, a build must be installed in it",
                    "name it with: <build-vm>/<commit>/" + target.vm);
    }
}

void apply(plan::TestSpec& spec, const ResolveContext& context) {
    const bool by_ssh =
        !context.lab.config.build_vms.contains(spec.target.vm) && is_sut(context, spec.target.vm);
    if (!by_ssh) {
        resolve_machine(spec.target, context);
    } else if (spec.target.build) {
        resolve_build(*spec.target.build, context);
    }
    resolve_check(spec.check, context);
}

void check_machines(plan::BisectSpec& spec, const ResolveContext& context) {
    const auto& vm = context.lab.build_vm(spec.vm);
    check_size(context, vm.name, vm.cpus, vm.memory);
    if (!is_sut(context, spec.on)) {
        check_test_vm(spec.on, context);
    }
    resolve_check(spec.check, context);
    if (spec.kernel_only) {
        check_kernel_mode(vm, context);
    }
}

void check_program(const plan::LocalCheck& check) {
    const auto& name = check.argv.front();
    if (name.find('/') == std::string::npos && !find_program(name, check.search_path)) {
        throw Error(ErrorCode::not_found,
                    cap(escape_for_terminal(name), 80) + ": no such program in PATH");
    }
}

/// What to do with a good commit on another branch than bad: what was fixed on it is bad in the
/// base.
std::string about_merge_base(const core::CommitId& good, const core::CommitId& bad) {
    return "test their merge base: git merge-base " + good.abbreviated() + " " + bad.abbreviated() +
           ". Where it is good, take it as good. Where it is bad, " + good.abbreviated() +
           " has a fix that bad lacks: bisect BASE.." + good.abbreviated() +
           " with --term-old broken --term-new fixed and the command turned round (! ...)";
}

void check_ends(const plan::BisectSpec& spec, ports::SourceRepo& repo, const core::CommitId& good,
                const core::CommitId& bad) {
    const auto range = cap(escape_for_terminal(spec.good + ".." + spec.bad), 120);
    if (good == bad) {
        throw Error(ErrorCode::bad_input,
                    range + ": good and bad are the same commit " + good.abbreviated(),
                    "give a commit that works and a later one that does not");
    }
    if (!repo.is_ancestor(good, bad)) {
        const bool swapped = repo.is_ancestor(bad, good);
        throw Error(ErrorCode::bad_input,
                    range + ": good " + good.abbreviated() + " is not an ancestor of bad " +
                        bad.abbreviated(),
                    swapped ? "they are the wrong way round: good comes first"
                            : about_merge_base(good, bad));
    }
}

/// Verdicts that are said must be possible together.
void resolve_said(plan::BisectSpec& spec, ports::SourceRepo& repo, const core::CommitId& good,
                  const core::CommitId& bad) {
    auto search = value_or_throw(
        core::GitSearch::create(repo.range({good}, bad, {spec.first_parent, spec.paths}).graph));
    for (auto& said : spec.said) {
        const auto commit = value_or_throw(repo.resolve(said.commit));
        if (search.range().contains(commit)) {
            search.record(commit, said.verdict);
        } else if (said.verdict == core::Verdict::good && !repo.is_ancestor(commit, bad)) {
            throw Error(ErrorCode::bad_input,
                        cap(escape_for_terminal(said.commit), 80) +
                            ": said to be good, is not an ancestor of bad " + bad.abbreviated(),
                        about_merge_base(commit, bad));
        }
        said.commit = commit.hex();
    }
}

void apply(plan::BisectSpec& spec, const ResolveContext& context) {
    if (spec.local) {
        check_program(*spec.local);
    } else {
        check_machines(spec, context);
    }
    if (!(spec.confidence > 0.5 && spec.confidence < 1.0)) {
        throw Error(ErrorCode::bad_input, "--confidence: is out of range (above 0.5, below 1)");
    }
    const auto repo = bisected_repo(spec, context.lab, context.repos);
    const auto good = value_or_throw(repo->resolve(spec.good));
    const auto bad = value_or_throw(repo->resolve(spec.bad));
    check_ends(spec, *repo, good, bad);
    if (!spec.said.empty()) {
        resolve_said(spec, *repo, good, bad);
    }
    spec.good = good.hex();
    spec.bad = bad.hex();
}

void apply(plan::StartSpec& spec, const ResolveContext& context) {
    resolve_machine(spec.target, context);
}

void apply(plan::PlanSpec& spec, const ResolveContext& context) {
    resolve_plan(spec, context);
}

std::string text_of(const plan::BuildTarget& target) {
    return target.vm + "/" + target.revision;
}

std::string text_of(const plan::InstallTarget& target) {
    return text_of(target.build) + "/" + target.test_vm;
}

std::string text_of(const plan::MachineTarget& target) {
    return (target.build ? text_of(*target.build) + "/" : "") + target.vm;
}

std::string text_of(const plan::Check& check) {
    return check.benchmark.empty() ? "-- " + check.command : "--bench " + check.benchmark;
}

struct Title {
    std::string operator()(const plan::CreateSpec& spec) const {
        return "create " + join(spec.vms, " ");
    }

    std::string operator()(const plan::BuildSpec& spec) const {
        std::string title = "build";
        for (const auto& target : spec.targets) {
            title += " " + text_of(target);
        }
        return title;
    }

    std::string operator()(const plan::InstallSpec& spec) const {
        std::string title = "install";
        for (const auto& target : spec.targets) {
            title += " " + text_of(target);
        }
        return title;
    }

    std::string operator()(const plan::TestSpec& spec) const {
        return "test " + text_of(spec.target) + " " + text_of(spec.check);
    }

    std::string operator()(const plan::BisectSpec& spec) const {
        if (spec.local) {
            return "bisect " + spec.good + ".." + spec.bad + " -- " + join(spec.local->argv, " ");
        }
        return "bisect " + spec.good + ".." + spec.bad + " --vm " + spec.vm + " --on " + spec.on +
               " " + text_of(spec.check);
    }

    std::string operator()(const plan::StartSpec& spec) const {
        return "start " + text_of(spec.target);
    }

    std::string operator()(const plan::PlanSpec& spec) const {
        return "plan " + std::filesystem::path(spec.file).filename().string();
    }
};

} // namespace

plan::JobSpec resolve(const plan::JobSpec& spec, const ResolveContext& context) {
    auto resolved = spec;
    std::visit([&](auto& one) { apply(one, context); }, resolved);
    return resolved;
}

bool is_sut(const ResolveContext& context, const std::string& name) {
    if (context.lab.config.test_vms.contains(name)) {
        return false;
    }
    if (ports::find_sut(context.suts, name)) {
        return true;
    }
    const auto shown = cap(escape_for_terminal(name), 80);
    throw Error(ErrorCode::not_found,
                shown + ": is neither a test VM of lab.yaml nor a machine that was added",
                "see: lab vm list, lab sut list; add one: lab sut add " + shown + " --host HOST");
}

std::string title_of(const plan::JobSpec& spec) {
    return cap(escape_for_terminal(std::visit(Title{}, spec)), 300);
}

} // namespace lab::engine
