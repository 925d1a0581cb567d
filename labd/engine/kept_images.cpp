// SPDX-License-Identifier: Apache-2.0
#include "engine/kept_images.h"

#include "base/json.h"
#include "base/json_members.h"

namespace lab::engine {
namespace {

nlohmann::json parsed(const std::string& text) {
    return nlohmann::json::parse(text, nullptr, false);
}

/// Ends of a bisection, and what it has found.
void add_commits(std::set<std::string>& commits, const ports::JobRow& job) {
    const auto spec = parsed(job.spec_json);
    const auto result = parsed(job.result_json);
    for (const char* end : {"good", "bad"}) {
        commits.insert(text_at(spec, end));
    }
    commits.insert(text_at(result, "commit"));
    for (const auto& row : list_at(result, "rows")) {
        if (text_at(row, "kind").starts_with("confirm_")) {
            commits.insert(text_at(row, "commit"));
        }
    }
    commits.erase("");
}

} // namespace

std::set<std::string> images_to_keep(const std::vector<ports::Image>& images,
                                     const std::vector<ports::JobRow>& jobs, WallTime now) {
    std::set<std::string> commits;
    for (const auto& job : jobs) {
        if (job.kind == "bisect" && (!job.ended || now - *job.ended < worth_keeping)) {
            add_commits(commits, job);
        }
    }
    std::set<std::string> keys;
    for (const auto& image : images) {
        const auto commit = image.labels.find("commit");
        if (image.kind == ports::ImageKind::root ||
            (commit != image.labels.end() && commits.contains(commit->second))) {
            keys.insert(image.key);
        }
    }
    return keys;
}

} // namespace lab::engine
