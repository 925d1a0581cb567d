// SPDX-License-Identifier: Apache-2.0
#include "plan/load.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace lab::plan {
namespace {

/// `text` as a double-quoted YAML scalar on one line.
std::string yaml_quote(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : to_valid_utf8(text)) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
        }
        if (static_cast<unsigned char>(c) >= 0x20 && c != '\x7F') {
            quoted += c;
            continue;
        }
        std::array<char, 8> escape{};
        std::snprintf(escape.data(), escape.size(), "\\x%02X", static_cast<unsigned>(c));
        quoted += escape.data();
    }
    return quoted + "\"";
}

std::string mebibytes_of(Bytes size) {
    return std::to_string(size.count >> 20U) + "MiB";
}

/// Replaces every "@key@" of the pattern by its value; values are not looked at again.
std::string fill(std::string_view pattern, const std::map<std::string, std::string>& values) {
    std::string text;
    const auto parts = split(pattern, '@');
    for (std::size_t i = 0; i < parts.size(); ++i) {
        text += i % 2 == 0 ? parts[i] : values.at(parts[i]);
    }
    return text;
}

constexpr const char* pattern =
    R"(# lab.yaml: what this lab builds, in which machines, and what it tests.
# Keys are explained in docs/formats.md; `lab config check` reads this file.

# Git repositories on this machine. They are read, never written to.
# A path is absolute or relative to this file.
sources:
  @recipe@:
    path: @source@

# Machines that build commits of a source.
build_vms:
  @name@-build:
    machine: @machine@  # template of the machine the build runs in
    source: @recipe@  # one of the sources above
    recipe: @recipe@  # template that says how this system is built and installed
    # runs_in: vm  # never on this host's kernel, as without KVM; see SECURITY.md
    cpus: @build_cpus@
    memory: @build_memory@

# Machines that boot what was built, and are measured.
test_vms:
  @name@-test:
    machine: @recipe@  # template of the machine
    cpus: 1
    memory: @test_memory@
    # cmdline: "quiet"  # added to the kernel's command line

# What all running machines may take together. Without it: what the host has.
# budget:
#   cpus: @host_cpus@
#   memory: @budget_memory@

# libvirt that runs the machines. Without it: QEMU, started by labd itself.
# hypervisor: qemu:///system

# Folders with templates of your own; they are searched before the ones that came with lab.
# templates:
#   - templates
)";

} // namespace

std::string initial_config(const Template& chosen, const std::string& source_path,
                           unsigned host_cpus, Bytes host_memory) {
    // Half of the host, so that a test can run while a build compiles.
    const auto build_cpus = std::clamp(host_cpus / 2, 1U, 256U);
    const auto build_memory =
        std::clamp(Bytes{host_memory.count / 4}, mebibytes(512), gibibytes(1));
    // A root that an install fills is a small system; others bring a distribution.
    const auto test_memory =
        chosen.root.recipe == RootRecipe::empty ? mebibytes(256) : mebibytes(512);
    const auto budget =
        std::clamp(Bytes{host_memory.count / 4 * 3}, mebibytes(64), gibibytes(4096));
    // A name has at most 63 characters, with what is added here.
    const auto name = chosen.name.substr(0, 56);
    return fill(pattern, {{"recipe", chosen.name},
                          {"name", name},
                          {"machine", chosen.recipes ? chosen.recipes->machine : chosen.name},
                          {"build_cpus", std::to_string(build_cpus)},
                          {"build_memory", mebibytes_of(build_memory)},
                          {"test_memory", mebibytes_of(test_memory)},
                          {"host_cpus", std::to_string(std::max(host_cpus, 1U))},
                          {"budget_memory", mebibytes_of(budget)},
                          {"source", yaml_quote(source_path)}});
}

} // namespace lab::plan
