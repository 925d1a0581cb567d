// SPDX-License-Identifier: Apache-2.0
#include "core/bisect_replay.h"

#include "base/text.h"

#include <algorithm>
#include <optional>

namespace lab::core {
namespace {

constexpr std::size_t most_verdicts = 100'000;

/// Splits a line into words as a shell would; git quotes with '...' and writes ' as '\\''.
std::optional<std::vector<std::string>> words_of(std::string_view line) {
    std::vector<std::string> words;
    std::optional<std::string> word;
    bool quoted = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        if (c == '\'') {
            quoted = !quoted;
            word = word.value_or("");
        } else if (!quoted && c == '\\' && at + 1 < line.size()) {
            word = word.value_or("") + line[++at];
        } else if (!quoted && (c == ' ' || c == '\t' || c == '\r')) {
            if (word) {
                words.push_back(*std::exchange(word, std::nullopt));
            }
        } else {
            word = word.value_or("") + c;
        }
    }
    if (word) {
        words.push_back(*word);
    }
    return quoted ? std::nullopt : std::optional(words);
}

class LogReader {
public:
    explicit LogReader(std::string name) : name_(std::move(name)) {}

    void line(std::string_view text, std::size_t number) {
        number_ = number;
        if (trim(text).empty() || trim(text).front() == '#') {
            return;
        }
        const auto words = words_of(text);
        if (!words || words->size() < 3 || (*words)[0] != "git" || (*words)[1] != "bisect") {
            report("is no line of a bisection's log (allowed: git bisect ..., # ...)");
            return;
        }
        const std::vector<std::string> rest(words->begin() + 3, words->end());
        if ((*words)[2] == "start") {
            start(rest);
        } else if ((*words)[2] != "terms") {
            verdict((*words)[2], rest);
        }
    }

    Parsed<ReplayedLog> finish() && {
        if (problems_.empty() && (log_.good.empty() || log_.bad.empty())) {
            problems_.push_back({name_, std::string("names no ") +
                                            (log_.good.empty() ? "good" : "bad") + " commit"});
        }
        if (!problems_.empty()) {
            return Unexpected{std::move(problems_)};
        }
        return std::move(log_);
    }

private:
    void start(const std::vector<std::string>& words) {
        bool is_path = false;
        std::string* term = nullptr;
        std::vector<std::string> revisions;
        for (const auto& word : words) {
            const auto equals = word.find('=');
            const auto option = word.substr(0, equals);
            if (term != nullptr) {
                *std::exchange(term, nullptr) = word;
            } else if (is_path) {
                log_.paths.push_back(word);
            } else if (word == "--") {
                is_path = true;
            } else if (option == "--term-good" || option == "--term-old") {
                term = &log_.terms.good;
            } else if (option == "--term-bad" || option == "--term-new") {
                term = &log_.terms.bad;
            } else if (word == "--first-parent") {
                log_.first_parent = true;
            } else if (!word.starts_with("--")) { // --no-checkout asks for nothing here
                revisions.push_back(word);
            }
            if (term != nullptr && equals != std::string::npos) {
                *std::exchange(term, nullptr) = word.substr(equals + 1);
            }
        }
        for (std::size_t i = 0; i < revisions.size(); ++i) {
            add(i == 0 ? Verdict::bad : Verdict::good, revisions[i]);
        }
    }

    void verdict(const std::string& word, const std::vector<std::string>& revisions) {
        const bool good = word == "good" || word == "old" || word == log_.terms.good;
        const bool bad = word == "bad" || word == "new" || word == log_.terms.bad;
        if (!good && !bad && word != "skip") {
            report("has the unknown verdict '" + cap(escape_for_terminal(word), 40) +
                   "' (allowed: good, bad, skip, old, new, and the terms of its start)");
            return;
        }
        for (const auto& revision : revisions) {
            add(good ? Verdict::good : bad ? Verdict::bad : Verdict::skip, revision);
        }
    }

    /// The first of each sort is an end; git's log may repeat it.
    void add(Verdict verdict, const std::string& revision) {
        if (verdict == Verdict::good && log_.good.empty()) {
            log_.good = revision;
        } else if (verdict == Verdict::bad && log_.bad.empty()) {
            log_.bad = revision;
        } else if (revision != log_.good && revision != log_.bad) {
            log_.said.emplace_back(revision, verdict);
        }
        if (log_.said.size() == most_verdicts) {
            report("is one verdict too many (at most 100000)");
        }
    }

    void report(const std::string& message) {
        if (problems_.size() < 20) {
            problems_.push_back({name_ + ":" + std::to_string(number_), message});
        }
    }

    std::string name_;
    std::size_t number_ = 0;
    ReplayedLog log_;
    Diagnostics problems_;
};

} // namespace

Parsed<ReplayedLog> parse_bisect_log(std::string_view text, const std::string& name) {
    LogReader reader(name);
    std::size_t number = 0;
    for (const auto& line : split(std::string(text), '\n')) {
        reader.line(line, ++number);
    }
    return std::move(reader).finish();
}

} // namespace lab::core
