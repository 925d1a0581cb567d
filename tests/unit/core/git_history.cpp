// SPDX-License-Identifier: Apache-2.0
#include "git_history.h"

#include "base/process.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>

namespace lab::core::test {
namespace {

std::string fast_import_stream(const std::vector<PlannedCommit>& plan) {
    std::ostringstream stream;
    for (std::size_t i = 0; i < plan.size(); ++i) {
        const std::string content = "content " + std::to_string(i) + "\n";
        const std::string subject = "commit " + std::to_string(i);
        stream << "commit refs/heads/main\nmark :" << i + 1 << "\ncommitter T <t@example.org> "
               << plan[i].date << " +0000\ndata " << subject.size() << "\n"
               << subject << "\n";
        for (std::size_t p = 0; p < plan[i].parents.size(); ++p) {
            stream << (p == 0 ? "from :" : "merge :") << plan[i].parents[p] + 1 << "\n";
        }
        stream << "M 100644 inline file" << i % 7 << "\ndata " << content.size() << "\n"
               << content << "\n";
    }
    stream << "done\n";
    return stream.str();
}

std::vector<std::string> lines_of(const std::string& text) {
    auto lines = split(text, '\n');
    while (!lines.empty() && lines.back().empty()) {
        lines.pop_back();
    }
    return lines;
}

ProcessSpec in_directory(const std::filesystem::path& directory, std::vector<std::string> argv) {
    ProcessSpec spec;
    spec.argv = std::move(argv);
    spec.directory = directory;
    spec.environment = {{"GIT_CONFIG_NOSYSTEM", "1"},
                        {"GIT_CONFIG_GLOBAL", "/dev/null"},
                        {"LC_ALL", "C"},
                        {"GIT_AUTHOR_NAME", "T"},
                        {"GIT_AUTHOR_EMAIL", "t@example.org"}};
    return spec;
}

/// Where "<sha> <parents...>" lines say the commits stand, put so that children come first.
CommitGraph graph_from(const std::vector<std::string>& lines) {
    std::map<std::string, std::pair<std::int64_t, std::vector<std::string>>> commits;
    std::vector<std::string> order;
    for (const auto& line : lines) {
        auto words = split(line, ' ');
        const auto date = std::stoll(words.at(0));
        order.push_back(words.at(1));
        commits[words.at(1)] = {date, {words.begin() + 2, words.end()}};
    }
    std::map<std::string, CommitIndex> index;
    for (const auto& id : order) {
        index.emplace(id, static_cast<CommitIndex>(index.size()));
    }
    std::vector<CommitGraph::Node> nodes;
    for (const auto& id : order) {
        CommitGraph::Node node;
        node.id = CommitId(id);
        node.date = commits[id].first;
        for (const auto& parent : commits[id].second) {
            if (index.contains(parent)) {
                node.parents.push_back(index[parent]);
            }
        }
        nodes.push_back(std::move(node));
    }
    return CommitGraph(std::move(nodes));
}

} // namespace

std::vector<PlannedCommit> plan_history(const HistoryShape& shape) {
    std::mt19937 random(shape.seed);
    const auto chance = [&](double p) {
        return std::uniform_real_distribution<double>(0, 1)(random) < p;
    };
    const auto below = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    std::vector<PlannedCommit> plan(1);
    plan[0].date = 1'600'000'000;
    std::set<std::size_t> heads{0};
    const auto tick = [&](std::int64_t date) {
        return date + std::uniform_int_distribution<std::int64_t>(0, shape.largest_step)(random);
    };
    for (std::size_t i = 1; i < shape.commits; ++i) {
        PlannedCommit commit;
        const auto head =
            *std::next(heads.begin(), static_cast<std::ptrdiff_t>(below(heads.size())));
        commit.parents = {chance(shape.fork_share) ? below(i) : head};
        while (heads.size() > 1 && chance(shape.merge_share * static_cast<double>(heads.size()))) {
            const auto other =
                *std::next(heads.begin(), static_cast<std::ptrdiff_t>(below(heads.size())));
            if (std::find(commit.parents.begin(), commit.parents.end(), other) !=
                commit.parents.end()) {
                break;
            }
            commit.parents.push_back(other);
        }
        commit.date = tick(plan.back().date);
        for (const auto parent : commit.parents) {
            heads.erase(parent);
        }
        heads.insert(i);
        plan.push_back(commit);
    }
    if (heads.size() > 1) {
        PlannedCommit last;
        last.parents.assign(heads.begin(), heads.end());
        std::shuffle(last.parents.begin(), last.parents.end(), random);
        last.date = tick(plan.back().date);
        plan.push_back(last);
    }
    return plan;
}

CommitId planned_id(std::size_t index) {
    std::array<char, 48> hex{};
    // Scrambled, so that the order of ids says nothing about the order of commits.
    const auto mixed = static_cast<std::uint64_t>(index + 1) * 0x9E3779B97F4A7C15ULL;
    std::snprintf(hex.data(), hex.size(), "%016llx%024zx", static_cast<unsigned long long>(mixed),
                  index);
    return CommitId(hex.data());
}

CommitGraph range_of(const std::vector<PlannedCommit>& plan) {
    std::vector<CommitGraph::Node> nodes;
    for (std::size_t i = plan.size(); i-- > 1;) {
        CommitGraph::Node node;
        node.id = planned_id(i);
        node.date = plan[i].date;
        for (const auto parent : plan[i].parents) {
            if (parent != 0) {
                node.parents.push_back(static_cast<CommitIndex>(plan.size() - 1 - parent));
            }
        }
        nodes.push_back(std::move(node));
    }
    return CommitGraph(std::move(nodes));
}

GitHistory::GitHistory(const std::vector<PlannedCommit>& plan)
    : directory_(std::filesystem::temp_directory_path(), "lab-history-") {
    const auto stream = directory_.path() / "stream";
    write_file(stream, fast_import_stream(plan));
    const auto made = shell("git init -q -b main . && git fast-import --quiet --done "
                            "--export-marks=marks <stream && sort -t: -k2n marks");
    std::map<std::size_t, std::string> by_mark;
    for (const auto& line : lines_of(made)) {
        if (line.starts_with(":")) {
            by_mark[std::stoul(line.substr(1))] = line.substr(line.find(' ') + 1);
        }
    }
    for (const auto& [mark, id] : by_mark) {
        ids_.emplace_back(id);
    }
}

CommitGraph GitHistory::range(const std::vector<std::string>& options) const {
    std::vector<std::string> arguments{"rev-list", "--topo-order", "--timestamp", "--parents"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.push_back(bad().hex());
    arguments.push_back("^" + good().hex());
    return graph_from(lines_of(git(arguments)));
}

std::set<std::string> GitHistory::ancestors(const CommitId& commit) const {
    const auto lines = lines_of(git({"rev-list", commit.hex()}));
    return {lines.begin(), lines.end()};
}

std::string GitHistory::git(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "git");
    return run_process_checked(in_directory(directory_.path(), std::move(arguments))).out;
}

std::string GitHistory::shell(const std::string& command) const {
    const auto result = run_process(in_directory(directory_.path(), {"sh", "-c", command}));
    return std::to_string(result.exit_code) + "\n" + result.out + result.err;
}

std::size_t property_histories(std::size_t usual) {
    const char* wanted = std::getenv("LAB_PROPERTY_HISTORIES");
    return wanted == nullptr ? usual : std::stoul(wanted);
}

} // namespace lab::core::test
