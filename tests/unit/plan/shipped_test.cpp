// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "base/files.h"
#include "tests/unit/plan/helpers.h"

namespace lab::plan::test {
namespace {

using testing::IsEmpty;

const std::filesystem::path shipped = std::filesystem::path(LAB_SOURCE_DIR) / "vm-templates";

std::optional<std::string> try_read(const std::filesystem::path& file) {
    try {
        return read_file(file);
    } catch (const Error&) {
        return std::nullopt;
    }
}

/// All files of that extension below the shipped templates' folder.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder,
                                               const std::string& name_end) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().string().ends_with(name_end)) {
            files.push_back(entry.path());
        }
    }
    return files;
}

TEST(ShippedTemplates, AreValid) {
    const auto files = files_below(shipped, "/template.yaml");

    EXPECT_GE(files.size(), 2U);
    for (const auto& file : files) {
        EXPECT_THAT(problems_of(parse_template(read_file(file), file, try_read)), IsEmpty());
    }
}

TEST(ShippedBenchmarks, AreValid) {
    const auto files = files_below(shipped / "benchmarks", ".yaml");

    EXPECT_GE(files.size(), 1U);
    for (const auto& file : files) {
        EXPECT_THAT(problems_of(parse_benchmark(read_file(file), file)), IsEmpty()) << file;
    }
}

TEST(ShippedTemplates, WithRecipesGetAValidInitialConfig) {
    for (const auto& file : files_below(shipped, "/template.yaml")) {
        const auto model = parse_template(read_file(file), file, try_read);
        ASSERT_TRUE(model) << file;
        if (model->recipes) {
            const auto text = initial_config(model.value(), "source", 2, gibibytes(4));
            EXPECT_THAT(problems_of(config_of(text)), IsEmpty()) << text;
        }
    }
}

} // namespace
} // namespace lab::plan::test
