// SPDX-License-Identifier: Apache-2.0
#include "engine/kept_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::engine {
namespace {

using testing::ElementsAre;

ports::Image image(ports::ImageKind kind, const std::string& key, const std::string& commit) {
    ports::Image made;
    made.kind = kind;
    made.key = key;
    if (!commit.empty()) {
        made.labels["commit"] = commit;
    }
    return made;
}

ports::JobRow bisection(std::optional<WallTime> ended) {
    ports::JobRow job;
    job.kind = "bisect";
    job.spec_json = R"({"good": "aa", "bad": "bb"})";
    job.result_json = R"({"commit": "cc", "rows": [{"kind": "probe", "commit": "dd"},
                                                   {"kind": "confirm_parent", "commit": "ee"}]})";
    job.ended = ended;
    return job;
}

std::vector<ports::Image> some_images() {
    std::vector<ports::Image> images{image(ports::ImageKind::root, "root", "")};
    for (const char* commit : {"aa", "bb", "cc", "dd", "ee"}) {
        images.push_back(image(ports::ImageKind::build, std::string("build-") + commit, commit));
    }
    images.push_back(image(ports::ImageKind::install, "install-cc", "cc"));
    return images;
}

TEST(KeptImages, AreRootsAndWhatRecentBisectionsAreAbout) {
    const WallTime now(std::chrono::hours(24 * 1000));

    EXPECT_THAT(images_to_keep(some_images(), {bisection(now - std::chrono::hours(24 * 29))}, now),
                ElementsAre("build-aa", "build-bb", "build-cc", "build-ee", "install-cc", "root"));
    EXPECT_THAT(images_to_keep(some_images(), {bisection(now - std::chrono::hours(24 * 31))}, now),
                ElementsAre("root"));
}

TEST(KeptImages, HoldThoseOfABisectionThatRuns) {
    auto job = bisection(std::nullopt);
    job.result_json = "{}";

    EXPECT_THAT(images_to_keep(some_images(), {job}, WallTime()),
                ElementsAre("build-aa", "build-bb", "root"));
}

TEST(KeptImages, AreNotThoseOfOtherJobs) {
    auto job = bisection(std::nullopt);
    job.kind = "build";
    job.spec_json = "not json";

    EXPECT_THAT(images_to_keep(some_images(), {job}, WallTime()), ElementsAre("root"));
}

} // namespace
} // namespace lab::engine
