// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"

#include <map>
#include <mutex>
#include <set>
#include <string>

namespace lab::engine {

/// Commits that build the same, by the digest of what was installed. Thread-safe.
class Twins {
public:
    /// Notes what a commit builds. True when another commit is known to build the same and this one
    /// was not noted before: then it need not be tried. An empty digest is no one's twin.
    bool note(const std::string& artefact, const core::CommitId& commit) {
        if (artefact.empty()) {
            return false;
        }
        const std::lock_guard lock(mutex_);
        auto& same = commits_[artefact];
        const bool fresh = same.insert(commit).second;
        return fresh && same.size() > 1;
    }

private:
    std::mutex mutex_;
    std::map<std::string, std::set<core::CommitId>> commits_;
};

} // namespace lab::engine
