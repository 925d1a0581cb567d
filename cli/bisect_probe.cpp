// SPDX-License-Identifier: Apache-2.0
#include "cli/bisect_probe.h"

#include "base/text.h"
#include "cli/bisect_baselines.h"
#include "core/numbers.h"
#include "plan/job_spec.h"

#include <algorithm>
#include <re2/re2.h>

namespace lab::cli {
namespace {

/// The code of an error row whose machine went down; the others gave no value.
constexpr std::int64_t went_down_code = 2;

constexpr std::size_t name_digits = 12;

core::Classification classify(const CommitRecords& records, const ProbeQuestion& question) {
    return question.classifier == Classifier::bayes
               ? core::classify_by_chance(records.levels, records.samples, question.confidence)
               : core::classify_as_fastpath(records.levels, records.samples);
}

/// What is wrong with a file that is to be copied to the SUT; an absolute path of one that is fine.
std::filesystem::path file_of(const char* option, const std::string& text, Diagnostics& problems) {
    std::error_code ignored;
    auto file = std::filesystem::absolute(text).lexically_normal();
    if (!std::filesystem::is_regular_file(file, ignored)) {
        problems.push_back({option, quote_foreign(text) + " is no file (one that the build made)"});
    }
    return file;
}

/// Whether it is <build-vm>/<commit>, as against a path; a file of that name wins.
bool names_build(const std::string& text) {
    std::error_code ignored;
    const bool is_path = text.starts_with('/') || text.starts_with('.');
    return !is_path && plan::parse_build_target(text) &&
           !std::filesystem::is_regular_file(text, ignored);
}

/// The benchmark both ends were measured by, by what the good one has samples of.
const ports::ResultclassRecord& metric_of(const ports::ResultBatch& store,
                                          const plan::BisectContext& context) {
    const auto is_it = [&](const ports::ResultclassRecord& metric) {
        return metric.name == context.resultclass &&
               metric.benchmark.substr(0, metric.benchmark.rfind(':')) ==
                   context.benchmark.title() &&
               !values_of(store, context.good_swprofile, metric).empty();
    };
    const auto found = std::find_if(store.resultclasses.begin(), store.resultclasses.end(), is_it);
    if (found == store.resultclasses.end()) {
        throw Error(ErrorCode::not_found,
                    context.output_resultstore + ": has no samples of " +
                        quote_foreign(context.resultclass) + " of " +
                        quote_foreign(context.good_swprofile),
                    "it is no copy of the baselines; write a new context: lab bisect start");
    }
    return *found;
}

/// Whether a commit's benchmark is that of the ends. Imported results do not know their params.
bool is_same_benchmark(const std::string& of_commit, const std::string& of_ends) {
    return of_commit == of_ends || of_commit.substr(0, of_commit.rfind(':')) == of_ends;
}

/// Twelve digits may be those of two commits.
void require_same_commit(const ports::ResultBatch& store, const plan::CommitToMeasure& commit) {
    for (const auto& profile : store.swprofiles) {
        const auto& sha = profile.kernel_git_sha;
        if (profile.name == commit.swprofile && !sha.starts_with(commit.sha) &&
            !commit.sha.starts_with(sha)) {
            throw Error(ErrorCode::conflict, commit.swprofile + ": the store has it with commit " +
                                                 quote_foreign(sha) + ", not " +
                                                 quote_foreign(commit.sha));
        }
    }
}

} // namespace

Parsed<plan::CommitToMeasure> commit_of(const plan::BisectContext& context,
                                        const KernelOptions& options) {
    static const RE2 hex("[0-9a-f]{12,64}");
    Diagnostics problems;
    plan::CommitToMeasure commit;
    commit.sha = options.sha;
    commit.kernel = options.kernel;
    if (!RE2::FullMatch(options.sha, hex)) {
        problems.push_back({"--gitsha", quote_foreign(options.sha) +
                                            " is not a commit (12 to 64 of 0-9 "
                                            "and a-f)"});
    }
    const bool is_build = names_build(options.kernel);
    if (context.sut.address && !is_build) {
        commit.kernel = file_of("--kernel", options.kernel, problems).string();
        if (!options.modules.empty()) {
            commit.modules = file_of("--modules", options.modules, problems);
        }
    } else {
        if (!is_build) {
            problems.push_back({"--kernel", quote_foreign(options.kernel) +
                                                " is no build (a test VM takes "
                                                "<build-vm>/<commit>)"});
        }
        if (!options.modules.empty()) {
            problems.push_back(
                {"--modules", "goes with a kernel's file only (a build has its own)"});
        }
    }
    if (!problems.empty()) {
        return Unexpected{std::move(problems)};
    }
    commit.swprofile = "bisect-" + options.sha.substr(0, name_digits);
    return commit;
}

CommitRecords records_of(const ports::ResultBatch& store, const ProbeQuestion& question) {
    const auto& context = question.context;
    require_same_commit(store, question.commit);
    const auto& metric = metric_of(store, context);
    const auto good = values_of(store, context.good_swprofile, metric);
    const auto bad = values_of(store, context.bad_swprofile, metric);
    if (good.size() < 2 || bad.size() < 2) {
        throw Error(ErrorCode::not_found,
                    context.output_resultstore + ": has fewer than 2 samples of an end",
                    "it is no copy of the baselines; write a new context: lab bisect start");
    }
    const auto levels = core::Baselines::create(good, bad, metric.better);
    if (!levels) {
        throw Error(ErrorCode::bad_input,
                    quote_foreign(context.resultclass) + ": " + levels.error());
    }
    CommitRecords records{*levels, metric, {}, {}};
    for (const auto& result : store.results) {
        if (result.swprofile != question.commit.swprofile ||
            result.resultclass != context.resultclass) {
            continue;
        }
        if (!is_same_benchmark(result.benchmark, metric.benchmark)) {
            throw Error(ErrorCode::conflict,
                        question.commit.swprofile + ": was measured by " +
                            quote_foreign(result.benchmark) + ", the ends by " +
                            quote_foreign(metric.benchmark),
                        "the benchmark's file or its params were changed since");
        }
        records.samples.push_back(result.value);
    }
    std::copy_if(store.errors.begin(), store.errors.end(), std::back_inserter(records.errors),
                 [&](const auto& error) { return error.swprofile == question.commit.swprofile; });
    return records;
}

std::optional<Judged> judge_samples(const CommitRecords& records, const ProbeQuestion& question) {
    const auto classification = classify(records, question);
    const auto* classified = std::get_if<core::Classified>(&classification);
    if (classified == nullptr) {
        return std::nullopt;
    }
    Judged judged;
    judged.verdict = classified->verdict;
    judged.headline = classified->verdict == core::Verdict::bad    ? "REGRESSION detected"
                      : classified->verdict == core::Verdict::good ? "NO REGRESSION detected"
                                                                   : "INCONCLUSIVE";
    judged.samples = records.samples;
    judged.chance_bad = core::chance_bad(records.levels, records.samples);
    judged.reason = classified->reason +
                    "\n        probability of the bad level: " + core::per_cent(*judged.chance_bad);
    return judged;
}

unsigned more_samples(const CommitRecords& records, const ProbeQuestion& question) {
    const auto classification = classify(records, question);
    const auto* more = std::get_if<core::MoreSamples>(&classification);
    return more == nullptr ? 0 : static_cast<unsigned>(more->count);
}

Judged judge_error(const ports::ErrorRecord& error, const ProbeQuestion& question) {
    Judged judged;
    const auto text = cap(escape_for_terminal(error.text), 500);
    if (error.code != went_down_code) {
        judged.headline = "NO SAMPLE";
        judged.reason = text;
        return judged;
    }
    judged.verdict = question.panic;
    judged.headline = question.panic == core::Verdict::bad ? "REGRESSION detected" : "NO SAMPLE";
    judged.reason = "the machine went down, which is " +
                    std::string(core::to_string(question.panic)) + " (--panic-is): " + text;
    return judged;
}

int exit_code_of(core::Verdict verdict) noexcept {
    switch (verdict) {
    case core::Verdict::good:
        return 0;
    case core::Verdict::bad:
        return 1;
    case core::Verdict::skip:
        break;
    }
    return 125;
}

Document document_of(const Judged& judged, const ProbeQuestion& question) {
    const auto& context = question.context;
    const bool decided = judged.verdict != core::Verdict::skip;
    Document document;
    document.data = {{"swprofile", question.commit.swprofile},
                     {"sha", question.commit.sha},
                     {"resultclass", context.resultclass},
                     {"verdict", core::to_string(judged.verdict)},
                     {"exit_code", exit_code_of(judged.verdict)},
                     {"samples", judged.samples},
                     {"reason", judged.reason}};
    if (judged.chance_bad) {
        document.data["chance_bad"] = *judged.chance_bad;
    }
    document.ids = {core::to_string(judged.verdict)};
    document.before = "Result: " + judged.headline + " for resultclass '" + context.resultclass +
                      "'\n        comparing '" + question.commit.swprofile + "' vs '" +
                      context.good_swprofile + "'" +
                      (decided ? "" : " and '" + context.bad_swprofile + "'") + ".\n        " +
                      judged.reason + "\n";
    return document;
}

} // namespace lab::cli
