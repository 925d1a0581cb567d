// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/bisect_options.h"

#include "base/units.h"
#include "cli/commands/targets.h"
#include "cli/follow.h"
#include "cli/repository.h"
#include "cli/whole_number.h"
#include "core/metric_regex.h"

#include <filesystem>

namespace lab::cli {
namespace {

constexpr const char* with_machines = "lab bisect <good>..<bad> --vm V --on T --bench SUITE/NAME";
constexpr const char* without_machines = "lab bisect <good>..<bad> -- <command ...>";

void refuse(bool given, const char* option, const char* why, const char* hint) {
    if (given) {
        throw Error(ErrorCode::bad_input, std::string(option) + ": " + why, hint);
    }
}

unsigned timeout_seconds(const std::string& text) {
    const auto parsed = parse_duration(text);
    const auto seconds =
        parsed ? std::chrono::duration_cast<std::chrono::seconds>(*parsed).count() : 0;
    if (seconds < 1 || seconds > 7 * 24 * 3600) {
        throw Error(ErrorCode::bad_input,
                    "--timeout: '" + text + "' is not allowed (a duration from 1s to 168h)",
                    "for example: --timeout 10m");
    }
    return static_cast<unsigned>(seconds);
}

std::optional<core::Direction> direction_of(const BisectOptions& options) {
    refuse(options.higher_is_better && options.lower_is_better, "--lower-is-better",
           "contradicts --higher-is-better", "give one of them, or none");
    if (options.higher_is_better) {
        return core::Direction::higher_is_better;
    }
    return options.lower_is_better ? std::optional(core::Direction::lower_is_better) : std::nullopt;
}

plan::LocalCheck local_check(const Session& session, const BisectOptions& options) {
    refuse(!session.words() || session.words()->empty(), "--",
           "neither machines nor a command (one of them)", without_machines);
    refuse(options.kernel_only, "--kernel-only", "goes with --vm only", with_machines);
    refuse(!options.panic_is.empty(), "--panic-is", "goes with --vm only", with_machines);
    refuse(!options.check.metric.empty(), "--metric", "goes with --bench only", with_machines);
    plan::LocalCheck check;
    check.repository = find_repository(options.repository).string();
    check.argv = *session.words();
    check.directory = std::filesystem::current_path().string();
    check.search_path = api::environment("PATH").value_or("");
    if (!options.timeout.empty()) {
        check.timeout_seconds = timeout_seconds(options.timeout);
    }
    check.timeout_is_bad = options.timeout_is == "bad";
    check.metric_regex = options.metric_regex;
    if (!check.metric_regex.empty()) {
        if (const auto problem = core::metric_regex_problem(check.metric_regex)) {
            throw Error(ErrorCode::bad_input, "--metric-regex: is not allowed (" + *problem + ")");
        }
    }
    check.direction = direction_of(options);
    return check;
}

void check_machine_options(const BisectOptions& options) {
    for (const auto& [value, name] : {std::pair{&options.vm, "--vm"}, {&options.on, "--on"}}) {
        refuse(value->empty(), name, "is missing (required)", with_machines);
    }
    const auto* why = "goes without --vm and --on only";
    refuse(!options.repository.empty(), "--repo", why, "the source stands in lab.yaml");
    refuse(!options.timeout.empty(), "--timeout", why, "a benchmark has a timeout of its own");
    refuse(!options.timeout_is.empty(), "--timeout-is", why, without_machines);
    refuse(!options.metric_regex.empty(), "--metric-regex", why, without_machines);
    refuse(options.higher_is_better, "--higher-is-better", why, "the benchmark says it");
    refuse(options.lower_is_better, "--lower-is-better", why, "the benchmark says it");
}

void add_local_options(CLI::App& verb, BisectOptions& options) {
    const auto* group = "Without machines";
    verb.add_option("--repo", options.repository, "Repository (default: the one here)")
        ->option_text("DIR")
        ->group(group);
    verb.add_option("--timeout", options.timeout, "For one run of the command (default: 1h)")
        ->option_text("DURATION")
        ->group(group);
    verb.add_option("--timeout-is", options.timeout_is, "What a timeout says (default: skip)")
        ->option_text("skip|bad")
        ->check(CLI::IsMember({"skip", "bad"}).name(""))
        ->group(group);
    verb.add_option("--metric-regex", options.metric_regex,
                    "Bisect the number in its group, in what the command prints")
        ->option_text("REGEX")
        ->group(group);
    verb.add_flag("--higher-is-better", options.higher_is_better,
                  "Of the number (default: as the "
                  "ends lie)")
        ->group(group);
    verb.add_flag("--lower-is-better", options.lower_is_better, "Of the number")->group(group);
}

} // namespace

void add_bisect_options(CLI::App& verb, BisectOptions& options) {
    verb.add_option("--vm", options.vm, "Build VM")->option_text("VM");
    verb.add_option("--on", options.on, "Test VM, or machine by SSH")->option_text("SUT");
    add_benchmark_options(verb, options.check);
    verb.add_option("--metric", options.check.metric, "Its resultclass (default: the first one)")
        ->option_text("RESULTCLASS");
    verb.add_option("--confidence", options.confidence, "Chance of being right that is wanted")
        ->option_text("P")
        ->check(CLI::Range(0.5, 0.999999).name(""));
    verb.add_option("--strategy", options.strategy,
                    "How commits are chosen: by their chances, or as git does")
        ->option_text("bayes|git")
        ->check(CLI::IsMember({"bayes", "git"}).name(""));
    verb.add_option("--want", options.wanted, "Which regression, when there are several")
        ->option_text("first|largest|all")
        ->check(CLI::IsMember({"first", "largest", "all"}).name(""));
    verb.add_flag("--first-parent", options.first_parent, "Follow only first parents");
    verb.add_option("--good", options.more_good, "One more good revision; may be repeated")
        ->option_text("REV")
        ->expected(1)
        ->take_all();
    verb.add_option("--term-good,--term-old", options.term_good, "Another word for good")
        ->option_text("WORD");
    verb.add_option("--term-bad,--term-new", options.term_bad, "Another word for bad")
        ->option_text("WORD");
    verb.add_option("--path", options.paths, "Only commits that touch it; may be repeated")
        ->option_text("PATH")
        ->expected(1)
        ->take_all();
    verb.add_flag("--no-prune", options.no_prune, "Also try commits that cannot matter");
    verb.add_flag("--kernel-only", options.kernel_only, "Build only the kernel of each commit");
    verb.add_option("--panic-is", options.panic_is,
                    "What a commit is whose machine goes down or hangs (default: skip)")
        ->option_text("skip|bad")
        ->check(CLI::IsMember({"skip", "bad"}).name(""));
    verb.add_option("--jobs", options.jobs,
                    "Builds and tests at once (default: the budget; 1 without machines)")
        ->option_text("N")
        ->check(whole_number(1, plan::most_jobs));
    verb.add_flag("--detach", options.detach, "Print the job's id and return");
    add_local_options(verb, options);
}

plan::BisectSpec bisect_spec(const Session& session, const BisectOptions& options) {
    plan::BisectSpec spec;
    if (options.vm.empty() && options.on.empty() && options.check.benchmark.empty()) {
        spec.local = local_check(session, options);
    } else {
        check_machine_options(options);
        spec.vm = options.vm;
        spec.on = options.on;
        spec.panic_is_bad = options.panic_is == "bad";
        spec.check = check_of(session, options.check);
    }
    spec.strategy = core::strategy_from(options.strategy).value_or(spec.strategy);
    spec.wanted = core::wanted_from(options.wanted).value_or(spec.wanted);
    spec.confidence = options.confidence;
    spec.first_parent = options.first_parent;
    spec.kernel_only = options.kernel_only;
    for (const auto& good : options.more_good) {
        spec.said.push_back({good, core::Verdict::good});
    }
    if (!options.term_good.empty()) {
        spec.terms.good = options.term_good;
    }
    if (!options.term_bad.empty()) {
        spec.terms.bad = options.term_bad;
    }
    if (const auto problem = core::problem_of(spec.terms)) {
        throw Error(ErrorCode::bad_input, "--term-good, --term-bad: " + *problem);
    }
    spec.paths = options.paths;
    spec.prune = !options.no_prune;
    spec.jobs = options.jobs;
    return spec;
}

int start_bisection(Session& session, const BisectOptions& options) {
    refuse(options.range.empty(), "range", "is missing (required)", without_machines);
    auto spec = bisect_spec(session, options);
    std::tie(spec.good, spec.bad) = parse_range(options.range);
    return submit(session, spec, options.detach ? Detach::yes : Detach::no);
}

} // namespace lab::cli
