// SPDX-License-Identifier: Apache-2.0
// Times the choice of a probe against `git rev-list --bisect` on the same generated repositories,
// side by side, and the loading of the graph beside it. Run by hand.
#include "adapters/git/commit_range.h"
#include "base/files.h"
#include "base/process.h"
#include "core/bayes_search.h"
#include "core/git_search.h"
#include "tests/bench/histories.h"

#include <CLI/CLI.hpp>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <sstream>

namespace lab::bench {
namespace {

double seconds_of(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double peak_megabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

std::string run(const std::filesystem::path& repository, std::vector<std::string> argv) {
    ProcessSpec spec;
    spec.argv = std::move(argv);
    spec.directory = repository;
    spec.environment = {{"GIT_CONFIG_NOSYSTEM", "1"}, {"GIT_CONFIG_GLOBAL", "/dev/null"}};
    return run_process_checked(spec).out;
}

std::string git(const std::filesystem::path& repository, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "git");
    return run(repository, std::move(arguments));
}

/// The made-up history as a real repository: one empty tree, one commit each, oldest first.
void import_history(const std::filesystem::path& repository, const core::CommitGraph& graph) {
    std::ostringstream stream;
    const auto commit = [&](std::size_t mark, std::int64_t date, const auto& parents) {
        stream << "commit refs/heads/main\nmark :" << mark << "\ncommitter T <t@example.org> "
               << date << " +0000\ndata 0\n";
        for (std::size_t i = 0; i < parents.size(); ++i) {
            stream << (i == 0 ? "from :" : "merge :") << parents[i] << "\n";
        }
        stream << "\n";
    };
    commit(1, 1'500'000'000, std::vector<std::size_t>{});
    const auto mark_of = [&](std::size_t index) {
        return graph.size() - index + 1;
    };
    for (std::size_t index = graph.size(); index-- > 0;) {
        const auto& node = graph.nodes()[index];
        std::vector<std::size_t> parents;
        for (const auto parent : node.parents) {
            parents.push_back(mark_of(parent));
        }
        if (parents.empty()) {
            parents.push_back(1);
        }
        commit(mark_of(index), node.date, parents);
    }
    stream << "done\n";
    git(repository, {"init", "--quiet", "--initial-branch=main", "."});
    write_file(repository / "stream", stream.str());
    run(repository, {"sh", "-c", "git fast-import --quiet --done < stream"});
}

core::CommitId resolve(const std::filesystem::path& repository, const std::string& revision) {
    return core::CommitId(git(repository, {"rev-parse", revision}).substr(0, 40));
}

struct Timing {
    std::string name;
    std::vector<double> seconds;
};

double median_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// Some steps of a search on the loaded graph: marks, posterior, masses and choice each time.
double time_steps(core::BayesSearch search, int steps) {
    return seconds_of([&] {
               for (int step = 0; step < steps; ++step) {
                   const auto wishes = search.next(1);
                   search.record(wishes.at(0).commit, step % 2 == 0
                                                          ? core::Outcome(core::Failed{})
                                                          : core::Outcome(core::Passed{}));
               }
           }) /
           steps;
}

void measure(std::size_t commits, double merge_share, int rounds) {
    const TemporaryDirectory directory(std::filesystem::temp_directory_path(), "bisect-choice");
    const auto& path = directory.path();
    import_history(path, make_history({commits, merge_share, 1}));
    const auto bad = resolve(path, "main");
    const auto good =
        core::CommitId(git(path, {"rev-list", "--max-parents=0", "main"}).substr(0, 40));
    const auto merges = std::stoul(git(path, {"rev-list", "--count", "--merges", "main"}));
    const adapters::git::Library library;
    const auto repository = adapters::git::open_repository(path);
    Timing of_git{"git rev-list --bisect", {}};
    Timing loading{"loading the range", {}};
    Timing condensing{"making the search", {}};
    Timing first{"first choice", {}};
    Timing later{"later choices, each", {}};
    Timing learned{"later choices, rates learned", {}};
    Timing exact{"choice as git, --strategy git", {}};
    for (int round = 0; round < rounds; ++round) {
        of_git.seconds.push_back(seconds_of([&] {
            git(path, {"rev-list", "--bisect", bad.hex(), "^" + good.hex()});
        }));
        core::CommitGraph graph;
        loading.seconds.push_back(seconds_of(
            [&] { graph = adapters::git::commit_range(repository.get(), {good}, bad, {}); }));
        core::BayesPolicy policy;
        policy.rates = core::KnownRates{0.1, 0.1};
        std::optional<core::BayesSearch> search;
        condensing.seconds.push_back(seconds_of(
            [&] { search = value_or_throw(core::BayesSearch::create(graph, good, policy)); }));
        first.seconds.push_back(seconds_of([&] { static_cast<void>(search->next(1)); }));
        later.seconds.push_back(time_steps(*search, 10));
        auto learning = value_or_throw(core::BayesSearch::create(graph, good, {}));
        for (int i = 0; i < 4; ++i) {
            learning.record(good, core::Passed{});
            learning.record(bad, core::Failed{});
        }
        learned.seconds.push_back(time_steps(learning, 10));
        {
            auto as_git = value_or_throw(core::GitSearch::create(graph));
            exact.seconds.push_back(seconds_of([&] { static_cast<void>(as_git.next()); }));
        }
    }
    std::printf("%zu commits, %lu merges, median of %d\n", commits, merges, rounds);
    const double base = median_of(of_git.seconds);
    for (const auto& timing : {of_git, loading, condensing, first, later, learned, exact}) {
        if (!timing.seconds.empty()) {
            std::printf("  %-32s %8.4f s   %6.3f of git\n", timing.name.c_str(),
                        median_of(timing.seconds), median_of(timing.seconds) / base);
        }
    }
    std::printf("  peak memory of this process so far %.0f MB\n", peak_megabytes());
    std::fflush(stdout);
}

} // namespace
} // namespace lab::bench

int main(int argc, char** argv) {
    std::vector<std::size_t> sizes{15'000, 100'000};
    double merge_share = 0.08;
    int rounds = 5;
    CLI::App app("Times the choice of a probe against git rev-list --bisect.");
    app.add_option("--commits", sizes, "of the generated repositories");
    app.add_option("--merges", merge_share, "share of merges")->check(CLI::Range(0.0, 0.4));
    app.add_option("--rounds", rounds, "of each measurement")->check(CLI::Range(1, 100));
    CLI11_PARSE(app, argc, argv);
    for (const auto size : sizes) {
        lab::bench::measure(size, merge_share, rounds);
    }
    return 0;
}
