// SPDX-License-Identifier: Apache-2.0
#include "cli/config_edit.h"

#include "base/text.h"

#include <optional>

namespace lab::cli {
namespace {

using Lines = std::vector<std::string>;

std::size_t indent_of(const std::string& line) {
    const auto first = line.find_first_not_of(' ');
    return first == std::string::npos ? line.size() : first;
}

bool is_blank_or_comment(const std::string& line) {
    const auto text = trim(line);
    return text.empty() || text.front() == '#';
}

/// What stands behind "section:" without a comment; nothing when the line is not the section's.
std::optional<std::string> value_behind(const std::string& line, const std::string& section) {
    if (line.rfind(section + ":", 0) != 0) {
        return std::nullopt;
    }
    auto value = line.substr(section.size() + 1);
    if (const auto comment = value.find('#');
        comment != std::string::npos && (comment == 0 || value[comment - 1] == ' ')) {
        value.resize(comment);
    }
    return std::string(trim(value));
}

Lines entry_lines(const MachineEntry& entry, std::size_t indent) {
    Lines lines{std::string(indent, ' ') + entry.name + ":"};
    for (const auto& [key, value] : entry.fields) {
        lines.push_back(std::string(indent * 2, ' ') + key + ": " + value);
    }
    return lines;
}

Lines lines_of(const std::string& text) {
    auto lines = split(text, '\n');
    if (lines.back().empty()) {
        lines.pop_back();
    }
    return lines;
}

std::string text_of(const Lines& lines) {
    return join(lines, "\n") + "\n";
}

/// The section's block: where its last entry ends and how deep its entries are indented.
struct Block {
    std::size_t end;
    std::size_t indent;
};

Block block_behind(const Lines& lines, std::size_t header) {
    Block block{header + 1, 0};
    for (auto i = header + 1; i < lines.size(); ++i) {
        if (trim(lines[i]).empty()) {
            continue;
        }
        const auto indent = indent_of(lines[i]);
        const bool is_comment = is_blank_or_comment(lines[i]);
        if (indent == 0 && !is_comment) {
            break;
        }
        if (indent > 0) {
            block.end = i + 1; // a comment belongs to the entry above it
            block.indent = block.indent == 0 && !is_comment ? indent : block.indent;
        }
    }
    block.indent = block.indent == 0 ? 2 : block.indent;
    return block;
}

} // namespace

Parsed<std::string> add_machine(const std::string& text, const MachineEntry& entry) {
    auto lines = lines_of(text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto value = value_behind(lines[i], entry.section);
        if (!value) {
            continue;
        }
        if (!value->empty() && *value != "{}") {
            return Unexpected{Diagnostics{
                {"lab.yaml:" + std::to_string(i + 1) + ":1",
                 entry.section + " is not a block (allowed: one machine a line below it)",
                 "add " + entry.name + " to it by hand"}}};
        }
        if (*value == "{}") {
            lines[i].erase(lines[i].find("{}"), 2);
            lines[i].erase(lines[i].find_last_not_of(' ') + 1);
        }
        const auto block = block_behind(lines, i);
        const auto added = entry_lines(entry, block.indent);
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(block.end), added.begin(),
                     added.end());
        return text_of(lines);
    }
    lines.push_back("");
    lines.push_back(entry.section + ":");
    const auto added = entry_lines(entry, 2);
    lines.insert(lines.end(), added.begin(), added.end());
    return text_of(lines);
}

} // namespace lab::cli
