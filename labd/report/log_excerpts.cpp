// SPDX-License-Identifier: Apache-2.0
#include "report/log_excerpts.h"

#include "base/text.h"

#include <algorithm>

namespace lab::report {
namespace {

constexpr std::size_t longest_line = 8192;
constexpr std::size_t shown_of_a_line = 300;
constexpr std::size_t digits = 12;

/// Lines kept of each kind: what judges a commit is looked at more closely than what made it.
constexpr std::pair<std::string_view, std::size_t> kinds[] = {
    {"build", 8}, {"install", 4}, {"test", 12}, {"run", 12}};

std::size_t kept(std::string_view kind) {
    const auto* const found = std::find_if(std::begin(kinds), std::end(kinds),
                                           [&](const auto& one) { return one.first == kind; });
    return found == std::end(kinds) ? 0 : found->second;
}

/// The abbreviated commit in "build vm/0123456789ab" and "run 0123456789ab"; else nothing.
std::string_view commit_in(std::string_view source) {
    const auto slash = source.find('/');
    const auto name =
        source.substr(slash == std::string_view::npos ? source.find(' ') + 1 : slash + 1, digits);
    const bool hex = name.size() == digits &&
                     name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    return hex ? name : std::string_view();
}

} // namespace

void LogExcerpts::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        const auto part = bytes.substr(0, end);
        if (pending_.size() < longest_line) {
            pending_ += part.substr(0, longest_line - pending_.size());
        }
        if (end == std::string_view::npos) {
            return;
        }
        line(pending_);
        pending_.clear();
        bytes.remove_prefix(end + 1);
    }
}

void LogExcerpts::line(std::string_view text) {
    const auto space = text.find(' ');
    const auto bar = text.find(" | ");
    if (space == std::string_view::npos || bar == std::string_view::npos || bar <= space) {
        return;
    }
    const auto time = text.substr(0, space);
    const auto source = text.substr(space + 1, bar - space - 1);
    const auto kind = source.substr(0, source.find(' '));
    const auto commit = std::string(commit_in(source));
    if (commit.empty() || kept(kind) == 0 || time.size() < 19) {
        return;
    }
    const auto stage = source.ends_with(" clean") ? Stage::clean : Stage::search;
    auto& lines = lines_[{commit, stage, std::string(kind)}];
    lines.push_back(std::string(time.substr(11, 8)) + " " + std::string(kind) + " | " +
                    cap(text.substr(bar + 3), shown_of_a_line));
    if (lines.size() > kept(kind)) {
        lines.pop_front();
    }
}

std::string LogExcerpts::of(const std::string& abbreviated, Stage stage) const {
    std::string text;
    for (const auto& [kind, count] : kinds) {
        const auto found = lines_.find({abbreviated, stage, std::string(kind)});
        if (found != lines_.end()) {
            for (const auto& one : found->second) {
                text += one + "\n";
            }
        }
    }
    return text;
}

} // namespace lab::report
