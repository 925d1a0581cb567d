// SPDX-License-Identifier: Apache-2.0
#include "plan/config_trust.h"

#include "base/json.h"
#include "plan/yaml_document.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace lab::plan {
namespace {

constexpr std::array<std::string_view, 2> harmless{"sources", "budget"};
constexpr std::array<std::string_view, 6> harmless_of_machines{"machine", "source", "recipe",
                                                               "cpus",    "memory", "cmdline"};

template <class Words>
bool is_in(const Words& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// A section of machines with those keys only that count.
YamlNode without_harmless_keys(YamlNode section) {
    for (auto& machine : section.entries) {
        std::erase_if(machine.value.entries, [](const YamlEntry& entry) {
            return is_in(harmless_of_machines, entry.key);
        });
    }
    std::erase_if(section.entries, [](const YamlEntry& machine) {
        return machine.value.kind == YamlNode::Kind::map && machine.value.entries.empty();
    });
    return section;
}

void write(std::string& out, const YamlNode& node, std::size_t indent) {
    const std::string margin(indent, ' ');
    switch (node.kind) {
    case YamlNode::Kind::null:
        out += " null\n";
        break;
    case YamlNode::Kind::scalar:
        out += " " + json_text(node.text) + "\n";
        break;
    case YamlNode::Kind::list:
        out += "\n";
        for (const auto& item : node.items) {
            out += margin + "-";
            write(out, item, indent + 2);
        }
        break;
    case YamlNode::Kind::map:
        out += "\n";
        for (const auto& entry : node.entries) {
            out += margin + json_text(entry.key) + ":";
            write(out, entry.value, indent + 2);
        }
        break;
    }
}

} // namespace

std::string parts_that_run_or_reveal(const std::string& text) {
    Problems problems("lab.yaml");
    const auto root = read_yaml(text, problems);
    if (!root || !problems.empty() ||
        (root->kind != YamlNode::Kind::map && root->kind != YamlNode::Kind::null)) {
        return text;
    }
    std::string out;
    for (const auto& entry : root->entries) {
        const bool is_machines = entry.key == "build_vms" || entry.key == "test_vms";
        const auto value = is_machines ? without_harmless_keys(entry.value) : entry.value;
        const bool says_nothing =
            is_machines && value.kind == YamlNode::Kind::map && value.entries.empty();
        if (!is_in(harmless, entry.key) && !says_nothing) {
            out += entry.key + ":";
            write(out, value, 2);
        }
    }
    return out;
}

} // namespace lab::plan
