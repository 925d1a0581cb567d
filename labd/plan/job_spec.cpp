// SPDX-License-Identifier: Apache-2.0
#include "plan/job_spec.h"

#include "base/characters.h"
#include "base/ids.h"
#include "base/text.h"

#include <algorithm>

namespace lab::plan {
namespace {

constexpr std::size_t longest_revision = 1024;

std::string shown(const std::string& text) {
    return join(split(escape_for_terminal(cap(text, 64)), '\n'), "\\n");
}

/// A diagnostic about `text`, as Unexpected.
Unexpected<Diagnostics> refused(const std::string& text, const std::string& message) {
    return {{{text.empty() ? "''" : shown(text), message}}};
}

/// What is wrong with the name of a machine, or an empty text.
std::string vm_problem(const std::string& name) {
    if (is_valid_name(name)) {
        return {};
    }
    return "'" + shown(name) + "' is not the name of a VM (" + valid_name_rule + ")";
}

std::string revision_problem(const std::string& text) {
    if (text.empty()) {
        return "the revision is missing (a commit, tag or branch)";
    }
    if (text.size() > longest_revision) {
        return "the revision is too long (at most 1 KiB)";
    }
    if (text.front() == '-') {
        return "'" + shown(text) + "' is not a revision (it begins with '-')";
    }
    const bool has_control = std::any_of(text.begin(), text.end(), is_control);
    if (has_control || to_valid_utf8(text) != text) {
        return "'" + shown(text) + "' is not a revision (UTF-8 without control characters)";
    }
    return {};
}

} // namespace

const char* kind_of(const JobSpec& spec) noexcept {
    struct Kind {
        const char* operator()(const CreateSpec& /*spec*/) const { return "create"; }
        const char* operator()(const BuildSpec& /*spec*/) const { return "build"; }
        const char* operator()(const InstallSpec& /*spec*/) const { return "install"; }
        const char* operator()(const TestSpec& /*spec*/) const { return "test"; }
        const char* operator()(const BisectSpec& /*spec*/) const { return "bisect"; }
        const char* operator()(const StartSpec& /*spec*/) const { return "start"; }
        const char* operator()(const PlanSpec& /*spec*/) const { return "plan"; }
    };
    return std::visit(Kind{}, spec);
}

Parsed<std::string> parse_revision(const std::string& text) {
    if (const auto problem = revision_problem(text); !problem.empty()) {
        return refused(text, problem);
    }
    return text;
}

bool is_benchmark_id(std::string_view text) {
    const auto slash = text.find('/');
    return slash != std::string_view::npos && is_valid_name(text.substr(0, slash)) &&
           is_valid_name(text.substr(slash + 1));
}

Parsed<BuildTarget> parse_build_target(const std::string& text) {
    const auto slash = text.find('/');
    const auto vm = text.substr(0, slash);
    if (const auto problem = vm_problem(vm); !problem.empty()) {
        return refused(text, problem);
    }
    if (slash == std::string::npos) {
        return refused(text, "names no commit (form: <vm>/<commit>)");
    }
    const auto revision = text.substr(slash + 1);
    if (const auto problem = revision_problem(revision); !problem.empty()) {
        return refused(text, problem);
    }
    return BuildTarget{vm, revision};
}

Parsed<MachineTarget> parse_machine_target(const std::string& text) {
    if (text.find('/') != std::string::npos) {
        const auto install = parse_install_target(text);
        return install ? Parsed<MachineTarget>(MachineTarget{install->test_vm, install->build})
                       : Parsed<MachineTarget>(Unexpected{install.error()});
    }
    if (!is_valid_name(text)) {
        return Unexpected{
            Diagnostics{{cap(escape_for_terminal(text), 80),
                         std::string("is not a VM's name (") + valid_name_rule + ")"}}};
    }
    return MachineTarget{text};
}

Parsed<InstallTarget> parse_install_target(const std::string& text) {
    const auto first = text.find('/');
    const auto last = text.rfind('/');
    if (const auto problem = vm_problem(text.substr(0, first)); !problem.empty()) {
        return refused(text, problem);
    }
    if (first == last) {
        return refused(text, "names no commit and test VM (form: <vm>/<commit>/<testvm>)");
    }
    const auto test_vm = text.substr(last + 1);
    if (const auto problem = vm_problem(test_vm); !problem.empty()) {
        return refused(text, problem);
    }
    const auto build = parse_build_target(text.substr(0, last));
    if (!build) {
        return refused(text, build.error().front().message);
    }
    return InstallTarget{build.value(), test_vm};
}

} // namespace lab::plan
