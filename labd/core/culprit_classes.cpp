// SPDX-License-Identifier: Apache-2.0
#include "core/culprit_classes.h"

#include "core/ancestor_sums.h"

#include <algorithm>

namespace lab::core {

CulpritClasses::CulpritClasses(std::shared_ptr<const CommitGraph> range)
    : range_(std::move(range)), class_of_(range_->size(), 0), bad_(1), weight_(1, 0) {
    for (const auto& node : range_->nodes()) {
        weight_[0] += node.tree_same ? 0 : 1;
    }
}

std::size_t CulpritClasses::mark(CommitIndex commit) {
    const auto known = std::find(marked_.begin(), marked_.end(), commit);
    if (known != marked_.end()) {
        return static_cast<std::size_t>(known - marked_.begin());
    }
    marked_.push_back(commit);
    split(ancestors_of(*range_, commit));
    return marked_.size() - 1;
}

void CulpritClasses::tie(CommitIndex a, CommitIndex b) {
    const auto first = mark(a);
    ties_.emplace_back(first, mark(b));
}

void CulpritClasses::clear(CommitIndex commit) {
    cleared_.push_back(mark(commit));
}

bool CulpritClasses::possible(std::size_t culprits) const {
    const auto& bad = bad_[culprits];
    const bool clear = std::none_of(cleared_.begin(), cleared_.end(),
                                    [&](std::size_t mark) { return bad[mark] != 0; });
    return clear && std::all_of(ties_.begin(), ties_.end(),
                                [&](const auto& tie) { return bad[tie.first] == bad[tie.second]; });
}

void CulpritClasses::split(const std::vector<char>& ancestors) {
    const auto old_size = bad_.size();
    std::vector<std::size_t> inside(old_size, 0);
    std::vector<std::size_t> outside(old_size, 0);
    std::vector<double> weight_inside(old_size, 0);
    for (std::size_t commit = 0; commit < class_of_.size(); ++commit) {
        const auto culprits = class_of_[commit];
        ++(ancestors[commit] != 0 ? inside : outside)[culprits];
        if (ancestors[commit] != 0 && !range_->nodes()[commit].tree_same) {
            weight_inside[culprits] += 1;
        }
    }
    std::vector<std::uint32_t> moved_to(old_size);
    for (std::size_t culprits = 0; culprits < old_size; ++culprits) {
        const bool splits = inside[culprits] != 0 && outside[culprits] != 0;
        moved_to[culprits] = static_cast<std::uint32_t>(splits ? bad_.size() : culprits);
        if (splits) {
            bad_.push_back(bad_[culprits]);
            bad_.back().push_back(1);
            weight_.push_back(weight_inside[culprits]);
            weight_[culprits] -= weight_inside[culprits];
        }
        bad_[culprits].push_back(!splits && inside[culprits] != 0 ? 1 : 0);
    }
    for (std::size_t commit = 0; commit < class_of_.size(); ++commit) {
        if (ancestors[commit] != 0) {
            class_of_[commit] = moved_to[class_of_[commit]];
        }
    }
}

} // namespace lab::core
