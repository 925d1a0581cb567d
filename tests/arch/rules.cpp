// SPDX-License-Identifier: Apache-2.0
#include "tests/arch/rules.h"

#include "base/files.h"
#include "base/text.h"

#include <algorithm>
#include <sstream>

namespace lab::arch {
namespace {

constexpr const char* licence = "SPDX-License-Identifier: ";

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        words.push_back(word);
    }
    return words;
}

std::vector<std::string> parts_of(const std::filesystem::path& path) {
    std::vector<std::string> parts;
    for (const auto& part : path) {
        parts.push_back(part.string());
    }
    return parts;
}

/// Layer of a path below labd/ or the root, as includes name it.
std::string layer_of_include(const std::string& include) {
    const auto parts = split(include, '/');
    if (parts.size() < 2) {
        return {};
    }
    return parts[0] == "adapters" && parts.size() > 2 ? parts[0] + "/" + parts[1] : parts[0];
}

const std::set<std::string>* allowed_for(const std::string& layer, const Layers& layers) {
    const auto found = layers.find(layer.substr(0, layer.find('/')));
    return found == layers.end() ? nullptr : &found->second;
}

/// The text inside the quotes of `#include "..."`, or an empty text.
std::string quoted_include(const std::string& line) {
    auto text = trim(line);
    if (!text.starts_with('#')) {
        return {};
    }
    text = trim(text.substr(1));
    const auto first = text.find('"');
    if (!text.starts_with("include") || first == std::string_view::npos) {
        return {};
    }
    const auto last = text.find('"', first + 1);
    return std::string(text.substr(first + 1, last - first - 1));
}

/// Where the comment, string or character literal at `at` ends; `at` when there is none.
std::size_t end_of_literal(const std::string& text, std::size_t at) {
    const auto rest = std::string_view(text).substr(at);
    const auto behind = [&](std::string_view end, std::size_t from) {
        const auto found = text.find(end, from);
        return found == std::string::npos ? text.size() : found + end.size();
    };
    if (rest.starts_with("//")) {
        return std::min(text.size(), behind("\n", at) - 1);
    }
    if (rest.starts_with("/*")) {
        return behind("*/", at + 2);
    }
    if (rest.starts_with("R\"")) {
        const auto open = text.find('(', at);
        const auto delimiter = text.substr(at + 2, open - at - 2);
        return behind(")" + delimiter + "\"", open);
    }
    const char quote = text[at];
    const bool separates_digits = quote == '\'' && at > 0 && std::isalnum(text[at - 1]) != 0;
    if ((quote != '"' && quote != '\'') || separates_digits) {
        return at;
    }
    auto end = at + 1;
    while (end < text.size() && text[end] != quote) {
        end += text[end] == '\\' ? 2U : 1U;
    }
    return std::min(text.size(), end + 1);
}

/// Name of the class whose body follows this text, or an empty text.
std::string class_name_in(const std::string& head) {
    const auto words = words_of(head);
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        const bool begins_class = words[i] == "class" || words[i] == "struct";
        if (begins_class && (i == 0 || words[i - 1] != "enum")) {
            return words[i + 1].substr(0, words[i + 1].find_first_of(":;"));
        }
    }
    return {};
}

} // namespace

Layers parse_layers(const std::string& markdown) {
    Layers layers;
    bool inside = false;
    for (const auto& line : split(markdown, '\n')) {
        if (line.starts_with("```")) {
            inside = !inside && trim(line) == "```layers";
            continue;
        }
        const auto colon = line.find(':');
        if (inside && colon != std::string::npos) {
            const auto words = words_of(line.substr(colon + 1));
            layers[std::string(trim(line.substr(0, colon)))] = {words.begin(), words.end()};
        }
    }
    return layers;
}

std::string layer_of(const std::filesystem::path& path) {
    const auto parts = parts_of(path);
    if (path == "labd/main.cpp" || path == "cli/main/main.cpp") {
        return "main";
    }
    if (parts.size() > 3 && parts[0] == "labd" && parts[1] == "adapters") {
        return "adapters/" + parts[2];
    }
    if (parts.size() > 2 && parts[0] == "labd") {
        return parts[1];
    }
    const bool is_top = parts.size() > 1 && (parts[0] == "cli" || parts[0] == "images");
    return is_top ? parts[0] : std::string();
}

std::vector<std::string> forbidden_includes(const SourceFile& file, const Layers& layers) {
    std::vector<std::string> problems;
    const auto layer = layer_of(file.path);
    const auto* const allowed = allowed_for(layer, layers);
    std::size_t number = 0;
    for (const auto& line : split(file.text, '\n')) {
        ++number;
        const auto include = quoted_include(line);
        if (include.empty()) {
            continue;
        }
        const auto where = file.path.string() + ":" + std::to_string(number) + ": ";
        const auto target = layer_of_include(include);
        if (allowed == nullptr) {
            problems.push_back(where + "'" + layer + "' is not in the list of layers");
        } else if (target != layer && !allowed->contains(target) && !allowed->contains("*")) {
            problems.push_back(where + layer + " must not include \"" + include + "\"");
        }
    }
    return problems;
}

std::string without_comments_and_strings(const std::string& text) {
    std::string bare;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = end_of_literal(text, at);
        if (end == at) {
            bare += text[at++];
            continue;
        }
        bare += ' ';
        at = end;
    }
    return bare;
}

std::map<std::string, unsigned> pure_methods(const std::string& text) {
    std::map<std::string, unsigned> counts;
    std::vector<std::string> scopes;
    std::string head; // since the last brace or semicolon
    for (const char c : without_comments_and_strings(text)) {
        if (c == '{') {
            scopes.push_back(class_name_in(head));
        } else if (c == '}') {
            if (!scopes.empty()) {
                scopes.pop_back();
            }
        } else if (c == ';') {
            const auto words = words_of(head);
            const auto tail = join(words, "");
            const bool is_virtual = std::find(words.begin(), words.end(), "virtual") != words.end();
            if (tail.ends_with("=0") && is_virtual && !scopes.empty()) {
                ++counts[scopes.back()];
            }
        } else {
            head += c;
            continue;
        }
        head.clear();
    }
    return counts;
}

std::vector<std::string> plain_dumps(const SourceFile& file) {
    const auto text = without_comments_and_strings(file.text);
    std::vector<std::string> found;
    for (auto at = text.find(".dump("); at != std::string::npos; at = text.find(".dump(", at + 1)) {
        const auto call = text.substr(at, text.find(';', at) - at);
        if (call.find("error_handler_t::") == std::string::npos) {
            const auto line = std::count(text.begin(), text.begin() + static_cast<long>(at), '\n');
            found.push_back(file.path.string() + ":" + std::to_string(line + 1));
        }
    }
    return found;
}

std::size_t line_count(const std::string& text) {
    const auto breaks = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    return breaks + (text.empty() || text.ends_with('\n') ? 0U : 1U);
}

bool needs_licence(const SourceFile& file) {
    static const std::set<std::string> extensions{".cpp", ".h",  ".c",    ".S",   ".mk",
                                                  ".sh",  ".py", ".yaml", ".yml", ".cmake"};
    static const std::set<std::string> names{"CMakeLists.txt", "Makefile", "Kbuild",
                                             ".clang-format", ".clang-tidy"};
    const auto parts = parts_of(file.path);
    if (std::find(parts.begin(), parts.end(), "golden") != parts.end()) {
        return false;
    }
    return extensions.contains(file.path.extension().string()) ||
           names.contains(file.path.filename().string()) || file.text.starts_with("#!");
}

bool has_licence(const std::string& text) {
    const auto lines = split(text.substr(0, 400), '\n');
    const std::size_t number = text.starts_with("#!") ? 1 : 0;
    if (lines.size() <= number) {
        return false;
    }
    // Kernel code is offered under the kernel's licence as well: "GPL-2.0 OR Apache-2.0".
    const auto words = words_of(lines[number]);
    return lines[number].find(licence) != std::string::npos &&
           std::find(words.begin(), words.end(), "Apache-2.0") != words.end();
}

bool is_cpp(const std::filesystem::path& path) {
    const auto extension = path.extension();
    return extension == ".cpp" || (extension == ".h" && *path.begin() != "vm-templates");
}

std::vector<SourceFile> read_tree(const std::filesystem::path& root) {
    static const std::set<std::string> skipped{".git", "build", ".cache", "__pycache__"};
    std::vector<SourceFile> files;
    using Iterator = std::filesystem::recursive_directory_iterator;
    for (auto each = Iterator(root); each != Iterator(); ++each) {
        if (each->is_directory() && skipped.contains(each->path().filename().string())) {
            each.disable_recursion_pending();
        } else if (each->is_regular_file() && !each->is_symlink()) {
            files.push_back({each->path().lexically_relative(root), read_file(each->path())});
        }
    }
    return files;
}

} // namespace lab::arch
