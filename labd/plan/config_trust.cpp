// SPDX-License-Identifier: Apache-2.0
#include "plan/config_trust.h"

#include "base/json.h"
#include "plan/yaml_document.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace lab::plan {
namespace {

constexpr std::array<std::string_view, 4> harmless{"sources", "build_vms", "test_vms", "budget"};

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
        if (std::find(harmless.begin(), harmless.end(), entry.key) == harmless.end()) {
            out += entry.key + ":";
            write(out, entry.value, 2);
        }
    }
    return out;
}

} // namespace lab::plan
