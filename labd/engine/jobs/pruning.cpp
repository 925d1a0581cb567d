// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/pruning.h"

#include "base/clock.h"
#include "core/read_files.h"

namespace lab::engine {

Pruning::Pruning(ports::SourceRepo& repo, const core::CommitGraph& range, core::CommitId good,
                 core::CommitId bad)
    : repo_(repo), range_(range), good_(std::move(good)), bad_(std::move(bad)) {}

void Pruning::add(const core::CommitId& end, const std::vector<std::string>& files_read) {
    if (!files_read.empty() && (end == good_ || end == bad_)) {
        read_.try_emplace(end, files_read);
    }
}

std::optional<core::CannotMatter> Pruning::take(const std::stop_token& stop) {
    if (taken_ || read_.size() < 2) {
        return std::nullopt;
    }
    taken_ = true;
    core::ReadFiles files;
    for (const auto& [end, read] : read_) {
        const auto all = repo_.changed_paths(std::nullopt, end, stop);
        if (!all) {
            return std::nullopt; // cannot be: it was built
        }
        files.add_build(read, *all);
    }
    core::CannotMatter found;
    for (const auto& node : range_.nodes()) {
        throw_if_stopped(stop);
        const auto parents =
            node.tree_same ? std::vector<core::CommitId>() : repo_.info(node.id).parents;
        if (parents.size() != 1) {
            continue;
        }
        const auto changed = repo_.changed_paths(parents.front(), node.id, stop);
        if (changed && files.cannot_matter(*changed)) {
            found.commits.push_back(node.id);
        }
    }
    return found;
}

} // namespace lab::engine
