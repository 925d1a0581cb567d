// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"
#include "tests/arch/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::arch {
namespace {

using testing::IsEmpty;

constexpr std::size_t most_lines = 500;
constexpr unsigned most_methods = 8;

const std::vector<SourceFile>& tree() {
    static const auto files = read_tree(LAB_SOURCE_DIR);
    return files;
}

TEST(Tree, IsSeen) {
    const auto cpp = std::count_if(tree().begin(), tree().end(),
                                   [](const SourceFile& file) { return is_cpp(file.path); });

    EXPECT_GT(cpp, 30);
}

TEST(Tree, IncludesDownwardOnly) {
    const auto root = std::filesystem::path(LAB_SOURCE_DIR);
    const auto layers = parse_layers(read_file(root / "docs" / "architecture.md"));
    ASSERT_FALSE(layers.empty()) << "docs/architecture.md has no block of layers";
    std::vector<std::string> problems;
    for (const auto& file : tree()) {
        if (is_cpp(file.path) && !layer_of(file.path).empty()) {
            const auto found = forbidden_includes(file, layers);
            problems.insert(problems.end(), found.begin(), found.end());
        }
    }

    EXPECT_THAT(problems, IsEmpty());
}

TEST(Tree, HasNoLongFile) {
    std::vector<std::string> problems;
    for (const auto& file : tree()) {
        if (is_cpp(file.path) && line_count(file.text) > most_lines) {
            problems.push_back(file.path.string() + ": " + std::to_string(line_count(file.text)) +
                               " lines");
        }
    }

    EXPECT_THAT(problems, IsEmpty());
}

TEST(Tree, DumpsNoForeignBytesThatThrow) {
    std::vector<std::string> problems;
    for (const auto& file : tree()) {
        if (is_cpp(file.path) && file.path.string().rfind("tests", 0) != 0) {
            const auto found = plain_dumps(file);
            problems.insert(problems.end(), found.begin(), found.end());
        }
    }

    EXPECT_THAT(problems, IsEmpty());
}

TEST(Tree, HasNoWideInterface) {
    std::vector<std::string> problems;
    for (const auto& file : tree()) {
        for (const auto& [name, count] :
             is_cpp(file.path) ? pure_methods(file.text) : std::map<std::string, unsigned>()) {
            if (count > most_methods) {
                problems.push_back(file.path.string() + ": " + name + " has " +
                                   std::to_string(count) + " methods");
            }
        }
    }

    EXPECT_THAT(problems, IsEmpty());
}

TEST(Tree, CarriesTheLicenceInEverySource) {
    std::vector<std::string> problems;
    for (const auto& file : tree()) {
        if (needs_licence(file) && !has_licence(file.text)) {
            problems.push_back(file.path.string());
        }
    }

    EXPECT_THAT(problems, IsEmpty());
}

} // namespace
} // namespace lab::arch
