// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/commit.h"
#include "core/verdict.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lab::core {

/// Why a commit is wanted.
enum class TaskKind {
    end_good,       ///< the good end is checked
    end_bad,        ///< the bad end is checked
    probe,          ///< the search asks for it
    confirm_bad,    ///< the commit found is checked again
    confirm_parent, ///< and so is its parent
    lookahead,      ///< built only: the search may ask for it next
};

/// How a commit is built.
enum class BuildKind {
    any,        ///< by whatever is fastest
    clean_full, ///< everything, from an empty build image
};

/// How far a commit is tried.
enum class CheckKind {
    none,      ///< built only
    boot_only, ///< booted to its ready mark
    full,      ///< booted, then measured or judged by the command
};

/// Something the bisection wants done.
struct Task {
    CommitId commit;
    TaskKind kind = TaskKind::probe;
    BuildKind build = BuildKind::any;
    CheckKind check = CheckKind::full;
    unsigned samples = 1; ///< sessions wanted; none when nothing is checked
    unsigned first = 0;   ///< number of the first one among those of this commit and kind

    friend bool operator==(const Task&, const Task&) = default;
};

/// New samples, one a session (the mean of its repeats), in the order they were taken.
struct Measured {
    std::vector<double> values;
};

/// The judging command ran; its exit code, as `git bisect run` reads it.
struct CommandExit {
    int exit_code = 0;
    std::string first_error = {}; ///< foreign, see FirstError; of one that did not end with 0
};

/// The machine reached its ready mark; answer to a boot_only task.
struct Booted {};

/// The build is there; answer to a lookahead task.
struct Built {};

/// The commit does not build.
struct Unbuildable {
    std::string reason;
};

/// The machine did not reach its ready mark, or crashed before the check was done.
struct BootFailure {
    std::string signature; ///< equal for equal failures, see ConsoleWatch
    std::string reason;    ///< one line for people
};

/// The machine ran, but the benchmark printed no valid metric or the command could not be judged.
struct CheckFailed {
    std::string reason;
};

/// The verdict does not follow from samples: somebody says what the commit is, or that what was
/// seen there makes it so.
struct Said {
    Verdict verdict = Verdict::skip;
    std::string why = {}; ///< one line; empty = nothing was tried
};

/// These commits change nothing that could matter: they are neither tried nor suspected.
struct CannotMatter {
    std::vector<CommitId> commits;
};

using Finding = std::variant<Measured, CommandExit, Booted, Built, Unbuildable, BootFailure,
                             CheckFailed, Said, CannotMatter>;

/// What was seen when a task was done. Infrastructure failures are none: the task is done again.
struct Observation {
    CommitId commit;
    TaskKind kind = TaskKind::probe;
    Finding finding;
    unsigned first = 0; ///< as in its Task

    /// Digest of what was installed and tried; equal ones are the same system. Empty = not known.
    std::string artefact = {};
};

/// Whether an end is checked.
[[nodiscard]] inline bool is_end(TaskKind kind) noexcept {
    return kind == TaskKind::end_good || kind == TaskKind::end_bad;
}

/// Whether what was found is checked again, from a clean build.
[[nodiscard]] inline bool is_confirmation(TaskKind kind) noexcept {
    return kind == TaskKind::confirm_bad || kind == TaskKind::confirm_parent;
}

[[nodiscard]] const char* to_string(TaskKind kind) noexcept;

/// Inverse of to_string; nothing for another word.
[[nodiscard]] std::optional<TaskKind> task_kind_from(const std::string& word) noexcept;

} // namespace lab::core
