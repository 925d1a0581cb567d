// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "cli/output/document.h"
#include "core/stored_verdict.h"
#include "plan/bisect_context.h"
#include "ports/result_store.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// How one commit of somebody else's bisection is measured and judged. Pure.
namespace lab::cli {

/// How samples become a verdict.
enum class Classifier {
    fastpath, ///< core::classify_as_fastpath
    bayes     ///< core::classify_by_chance
};

/// One commit that is asked about.
struct ProbeQuestion {
    plan::BisectContext context;
    std::filesystem::path directory; ///< of the context file
    plan::CommitToMeasure commit;
    Classifier classifier = Classifier::fastpath;
    double confidence = 0.99;                  ///< of bayes
    core::Verdict panic = core::Verdict::skip; ///< of a kernel that goes down
};

/// What the command line says of a commit.
struct KernelOptions {
    std::string sha;
    std::string kernel;
    std::string modules;
};

/// The commit with its profile's name; every problem of the options at once. A test VM takes a
/// build, a SUT by SSH that too, or files, which must exist.
[[nodiscard]] Parsed<plan::CommitToMeasure> commit_of(const plan::BisectContext& context,
                                                      const KernelOptions& options);

/// What the bisection's store has of both ends and of the commit.
struct CommitRecords {
    core::Baselines levels;
    ports::ResultclassRecord metric;
    std::vector<double> samples;
    std::vector<ports::ErrorRecord> errors;
};

/// @throws Error not_found  when the store has no baselines: it is not the context's.
/// @throws Error conflict   when the commit was measured by another benchmark than the ends, or its
///                          profile's name is that of another commit.
[[nodiscard]] CommitRecords records_of(const ports::ResultBatch& store,
                                       const ProbeQuestion& question);

/// A verdict with its reason.
struct Judged {
    core::Verdict verdict = core::Verdict::skip;
    std::string headline; ///< "REGRESSION detected"
    std::string reason;
    std::vector<double> samples = {};
    std::optional<double> chance_bad = {};
};

/// Nothing as long as more samples are needed.
[[nodiscard]] std::optional<Judged> judge_samples(const CommitRecords& records,
                                                  const ProbeQuestion& question);

/// How many more samples are needed; 0 once there is a verdict.
[[nodiscard]] unsigned more_samples(const CommitRecords& records, const ProbeQuestion& question);

/// A commit that was booted or run without giving a sample.
[[nodiscard]] Judged judge_error(const ports::ErrorRecord& error, const ProbeQuestion& question);

/// 0 good, 1 bad, 125 skip: what git bisect run understands.
[[nodiscard]] int exit_code_of(core::Verdict verdict) noexcept;

/// "Result: REGRESSION detected for resultclass '...'
///         comparing 'bisect-...' vs '...'."
/// and below it why.
[[nodiscard]] Document document_of(const Judged& judged, const ProbeQuestion& question);

} // namespace lab::cli
