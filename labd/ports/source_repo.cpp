// SPDX-License-Identifier: Apache-2.0
#include "ports/source_repo.h"

#include "base/error.h"

namespace lab::ports {

std::vector<core::CommitId> commits_named(SourceRepo& repo, const std::string& text) {
    const auto dots = text.find("..");
    if (dots == std::string::npos) {
        return {value_or_throw(repo.resolve(text))};
    }
    const auto from = value_or_throw(repo.resolve(text.substr(0, dots)));
    const auto to = value_or_throw(repo.resolve(text.substr(dots + 2)));
    const auto range = repo.range({from}, to, {});
    std::vector<core::CommitId> commits;
    for (const auto& node : range.graph.nodes()) {
        commits.push_back(node.id);
    }
    return commits;
}

} // namespace lab::ports
