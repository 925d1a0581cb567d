// SPDX-License-Identifier: Apache-2.0
#include "core/metric_lines.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::core {
namespace {

using testing::ElementsAre;

/// What is found in an output that comes in pieces of a size: "name=value unit", or the problems.
std::vector<std::string> metrics_in(std::string_view output, std::size_t piece = 1000,
                                    OutputEnd end = OutputEnd::whole) {
    MetricLines lines;
    for (; !output.empty(); output.remove_prefix(std::min(piece, output.size()))) {
        lines.feed(output.substr(0, piece));
    }
    std::vector<std::string> texts;
    const auto found = lines.finish(end);
    if (!found) {
        for (const auto& problem : found.error()) {
            texts.push_back(problem.where + " " + problem.message);
        }
        return texts;
    }
    for (const auto& metric : *found) {
        texts.push_back(metric.name + "=" + std::to_string(metric.value) + " " + metric.unit);
    }
    return texts;
}

TEST(MetricLines, AreFoundWhereverThePiecesAreCut) {
    const std::string output = "noise\n  LAB_METRIC speed 12.5 MB/s\r\nLAB_METRIC_NOT a 1 b\n\n"
                               "say LAB_METRIC x 1 s\nLAB_METRIC time  3 s";
    for (std::size_t piece = 1; piece <= output.size(); ++piece) {
        EXPECT_THAT(metrics_in(output, piece),
                    ElementsAre("speed=12.500000 MB/s", "time=3.000000 s"))
            << piece;
    }
}

TEST(MetricLines, AreFoundBehindAnyLengthOfOtherOutput) {
    std::string output(5 << 20U, 'x');
    for (std::size_t i = 4999; i < output.size(); i += 5000) {
        output[i] = '\n';
    }
    EXPECT_THAT(metrics_in(output + "\nLAB_METRIC a 1 s\n"), ElementsAre("a=1.000000 s"));
    EXPECT_THAT(metrics_in(std::string(5 << 20U, ' ') + "LAB_METRIC a 1 s\n"),
                ElementsAre("a=1.000000 s"));
}

TEST(MetricLines, ThatMayHaveBeenCutAreNoValues) {
    EXPECT_THAT(metrics_in("a\nLAB_METRIC a 12 s", 1000, OutputEnd::cut),
                ElementsAre("output line 2 may have been cut"));
    EXPECT_THAT(metrics_in("LAB_ME", 1000, OutputEnd::cut),
                ElementsAre("output line 1 may have been cut"));
    EXPECT_THAT(metrics_in("LAB_METRIC a 12 s\nnoi", 1000, OutputEnd::cut),
                ElementsAre("a=12.000000 s"));
    EXPECT_THAT(metrics_in("LAB_METRIC a 1 s" + std::string(5000, ' ') + "\nLAB_METRIC b 1 s"),
                ElementsAre("output line 1 is longer than 4096 bytes"));
}

TEST(MetricLines, AreRefusedWithTheirPlace) {
    EXPECT_THAT(metrics_in("\nLAB_METRIC a 1\nLAB_METRIC a nan s\nLAB_METRIC ! 1 s\n"),
                ElementsAre("output line 2 must be LAB_METRIC <name> <value> <unit>",
                            "output line 3 value 'nan' is not a finite decimal number",
                            testing::HasSubstr("output line 4 name or unit is not valid")));
    EXPECT_THAT(metrics_in("LAB_METRIC a 1 s\nLAB_METRIC a 2 s"),
                ElementsAre("output line 2 metric 'a' is printed twice"));
}

TEST(MetricLines, AreNoMoreThanAThousandAndTheirProblemsTwenty) {
    std::string output;
    for (int i = 0; i < 1000; ++i) {
        output += "LAB_METRIC m" + std::to_string(i) + " 1 s\n";
    }
    EXPECT_EQ(metrics_in(output).size(), 1000U);

    for (int i = 1000; i < 2000; ++i) {
        output += "LAB_METRIC m" + std::to_string(i) + " 1 s\n";
    }

    const auto problems = metrics_in(output);
    EXPECT_EQ(problems.size(), 20U);
    EXPECT_EQ(problems.front(), "output line 1001 too many metrics (at most 1000)");
}

} // namespace
} // namespace lab::core
