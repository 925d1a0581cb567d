// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "base/expected.h"
#include "core/commit.h"
#include "ports/checkout.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace lab::ports {

/// What is shown of a commit. Texts are foreign bytes, made valid UTF-8 and capped at 64 KiB.
struct CommitInfo {
    core::CommitId id;
    std::string tree;   ///< object id of its tree
    std::string author; ///< "Name <mail>"
    std::string date;   ///< git's default date form, in the author's time zone
    std::string subject;
    std::string message;
    std::vector<core::CommitId> parents;
};

/// The commits between good and bad.
struct CommitRange {
    core::CommitGraph graph;                 ///< reachable from bad, not from good; bad included
    std::vector<core::CommitId> merge_bases; ///< of bad and each good that is not its ancestor
};

struct RangeOptions {
    bool first_parent = false;
    std::vector<std::string> paths = {};
    std::stop_token stop = {}; ///< ends the walk with Cancelled
};

/// What a source delta holds.
struct DeltaInfo {
    std::uint64_t changed_files = 0;
    std::uint64_t deleted_paths = 0;
    std::uint64_t bytes = 0;
    std::vector<std::string> warnings = {}; ///< for example skipped submodules
};

/// One git repository, read only: it is never written to. Thread-safe. Every call throws Error
/// infra when the repository's file system does not answer, and those that take a stop token end
/// with Cancelled within about two seconds of a stop, whatever they wait for.
class SourceRepo {
public:
    virtual ~SourceRepo() = default;

    /// The commit a revision names; a diagnostic when it names none, several, or no commit.
    [[nodiscard]] virtual Parsed<core::CommitId> resolve(const std::string& revision) = 0;

    /// @throws Error not_found  when the commit is not in the repository.
    [[nodiscard]] virtual CommitInfo info(const core::CommitId& commit) = 0;

    [[nodiscard]] virtual CommitRange range(const std::vector<core::CommitId>& good,
                                            const core::CommitId& bad,
                                            const RangeOptions& options) = 0;

    /// Whether `ancestor` is an ancestor of `commit` or the commit itself.
    [[nodiscard]] virtual bool is_ancestor(const core::CommitId& ancestor,
                                           const core::CommitId& commit) = 0;

    /// Number of files that differ between the trees of two commits, submodules left out; the
    /// largest number when one of them cannot be unpacked.
    [[nodiscard]] virtual std::uint64_t tree_distance(const core::CommitId& a,
                                                      const core::CommitId& b,
                                                      const std::stop_token& stop) = 0;

    /// Paths at which the trees of two commits differ: files and submodules that are new or
    /// changed, and the topmost paths that are gone. Absent = the empty tree, which gives every
    /// file. Nothing when one of them cannot be unpacked.
    [[nodiscard]] virtual std::optional<std::vector<std::string>>
    changed_paths(const std::optional<core::CommitId>& from, const core::CommitId& to,
                  const std::stop_token& stop) = 0;

    /// Writes what leads from the tree of `from` (absent: nothing) to the tree of `to` as a raw
    /// tar, padded to 512-byte sectors. First member `lab-delta/deleted`: NUL-separated paths to
    /// remove before unpacking; then changed and new files below `src/`.
    /// @throws Error infra  when there is no room for it.
    [[nodiscard]] virtual Expected<DeltaInfo, UnfitTree>
    write_delta(const std::optional<core::CommitId>& from, const core::CommitId& to,
                const std::filesystem::path& tar, const std::stop_token& stop) = 0;

    /// A private checkout in the directory, which is made or taken over.
    [[nodiscard]] virtual std::unique_ptr<Checkout>
    make_checkout(const std::filesystem::path& directory) = 0;
};

/// The commit that a revision names, or those that a range `A..B` names: reachable from B and not
/// from A, as `git bisect skip` takes them.
/// @throws Error bad_input, not_found  when a revision names no commit, or several.
[[nodiscard]] std::vector<core::CommitId> commits_named(SourceRepo& repo, const std::string& text);

/// Opens repositories; one object per path is kept. Thread-safe.
class SourceRepos {
public:
    virtual ~SourceRepos() = default;

    /// @throws Error not_found  when there is no repository at the path.
    [[nodiscard]] virtual std::shared_ptr<SourceRepo> open(const std::filesystem::path& path) = 0;
};

} // namespace lab::ports
