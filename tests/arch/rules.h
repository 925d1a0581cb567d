// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace lab::arch {

/// What each layer may include besides itself; "*" stands for everything.
using Layers = std::map<std::string, std::set<std::string>>;

/// One source file of the tree.
struct SourceFile {
    std::filesystem::path path; ///< from the root of the repository
    std::string text;
};

/// Reads the block fenced as ```layers of docs/architecture.md: lines `<layer>: <layer> ...`.
/// Empty when there is none.
[[nodiscard]] Layers parse_layers(const std::string& markdown);

/// The layer a C++ file belongs to, "adapters/git" for one in labd/adapters/git; empty for none.
[[nodiscard]] std::string layer_of(const std::filesystem::path& path);

/// One line for each quoted include that the layers do not allow.
[[nodiscard]] std::vector<std::string> forbidden_includes(const SourceFile& file,
                                                          const Layers& layers);

/// `text` without comments and with every string literal emptied.
[[nodiscard]] std::string without_comments_and_strings(const std::string& text);

/// Number of pure virtual methods of each class that has some.
[[nodiscard]] std::map<std::string, unsigned> pure_methods(const std::string& text);

/// Calls of JSON's dump() that do not say what is done with bytes that are no UTF-8, one line each:
/// it throws for them then.
[[nodiscard]] std::vector<std::string> plain_dumps(const SourceFile& file);

/// Number of lines of a text.
[[nodiscard]] std::size_t line_count(const std::string& text);

/// Whether the file must carry the SPDX line: sources, build files and scripts.
[[nodiscard]] bool needs_licence(const SourceFile& file);

/// Whether it stands in the first line, or the second one behind "#!".
[[nodiscard]] bool has_licence(const std::string& text);

/// Whether the file is C++ of this project.
[[nodiscard]] bool is_cpp(const std::filesystem::path& path);

/// All files below `root` but those of version control, build directories and caches.
[[nodiscard]] std::vector<SourceFile> read_tree(const std::filesystem::path& root);

} // namespace lab::arch
