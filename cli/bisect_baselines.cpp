// SPDX-License-Identifier: Apache-2.0
#include "cli/bisect_baselines.h"

#include "base/text.h"
#include "plan/suggestion.h"

#include <algorithm>
#include <re2/re2.h>
#include <set>

namespace lab::cli {
namespace {

/// "(the store has a, b, c)".
std::string what_there_is(const std::vector<std::string>& names, const std::string& name) {
    constexpr std::size_t most_names = 8;
    if (names.empty()) {
        return " (the store has none)";
    }
    if (const auto near = plan::nearest_word(name, names); !near.empty()) {
        return " (did you mean " + quote_foreign(near) + "?)";
    }
    std::vector<std::string> some;
    for (const auto& each : names) {
        some.push_back(some.size() < most_names ? quote_foreign(each) : "...");
        if (some.size() > most_names) {
            break;
        }
    }
    return " (the store has " + join(some, ", ") + ")";
}

template <class Record>
const Record* find_named(const std::vector<Record>& records, const std::string& name) {
    const auto found = std::find_if(records.begin(), records.end(),
                                    [&](const Record& record) { return record.name == name; });
    return found == records.end() ? nullptr : &*found;
}

template <class Record>
std::vector<std::string> names_of(const std::vector<Record>& records) {
    std::set<std::string> names;
    for (const auto& record : records) {
        names.insert(record.name);
    }
    return {names.begin(), names.end()};
}

bool means(const ports::BenchmarkRecord& benchmark, const std::string& word) {
    return benchmark.title() == word || benchmark.id() == word;
}

/// Finds both ends; one object per question.
class BaselineSearch {
public:
    BaselineSearch(const ports::ResultBatch& store, const BaselineQuestion& question)
        : store_(store), question_(question) {}

    Expected<BaselinePair, Refusals> find() {
        find_objects();
        if (good_ != nullptr && bad_ != nullptr) {
            compare_profiles();
        }
        if (sut_ != nullptr && good_ != nullptr && bad_ != nullptr && benchmark_is_known_) {
            choose_benchmark();
        }
        if (benchmark_ == nullptr) {
            return Unexpected{std::move(refusals_)};
        }
        return measure();
    }

private:
    void refuse(ErrorCode code, const std::string& text, const std::string& hint = {}) {
        refusals_.push_back({code, text, hint});
    }

    template <class Record>
    const Record* named(const char* option, const std::vector<Record>& records,
                        const std::string& name) {
        const auto* found = find_named(records, name);
        if (found == nullptr) {
            refuse(ErrorCode::not_found,
                   std::string(option) + ": " + quote_foreign(name) + " is not in the store" +
                       what_there_is(names_of(records), name),
                   "see: lab result list STORE --object sut|swprofile|benchmark|resultclass");
        }
        return found;
    }

    void find_objects() {
        sut_ = named("--sut", store_.suts, question_.sut);
        good_ = named("--good-swprofile", store_.swprofiles, question_.good);
        bad_ = named("--bad-swprofile", store_.swprofiles, question_.bad);
        std::vector<std::string> titles;
        std::set<std::string> ids;
        for (const auto& benchmark : store_.benchmarks) {
            titles.push_back(benchmark.title());
            if (means(benchmark, question_.benchmark)) {
                ids.insert(benchmark.id());
            }
        }
        benchmark_is_known_ = !ids.empty();
        if (!benchmark_is_known_) {
            refuse(ErrorCode::not_found, "--benchmark: " + quote_foreign(question_.benchmark) +
                                             " is not in the store" +
                                             what_there_is(titles, question_.benchmark));
            return;
        }
        std::vector<ports::ResultclassRecord> metrics;
        std::copy_if(store_.resultclasses.begin(), store_.resultclasses.end(),
                     std::back_inserter(metrics),
                     [&](const auto& metric) { return ids.contains(metric.benchmark); });
        static_cast<void>(named("--resultclass", metrics, question_.resultclass));
    }

    void compare_profiles() {
        if (good_ == bad_) {
            refuse(ErrorCode::bad_input, "--bad-swprofile: " + quote_foreign(question_.bad) +
                                             " is the good one, too (allowed: two different ones)");
            return;
        }
        compare_commits();
        const auto compare = [&](const char* field, const auto& good, const auto& bad) {
            if (good != bad) {
                refuse(ErrorCode::bad_input,
                       std::string("swprofiles: differ in ") + field + ": good has " +
                           text_of(good) + ", bad has " + text_of(bad) +
                           " (allowed: only kernel_git_sha and the kernel's own name differ)",
                       "measure both commits with the same settings");
            }
        };
        compare("cmdline", good_->cmdline, bad_->cmdline);
        compare("sysctl", good_->sysctl, bad_->sysctl);
        compare("bootscript", good_->bootscript, bad_->bootscript);
        // Not every source of results knows it.
        if (!good_->userspace_name.empty() && !bad_->userspace_name.empty()) {
            compare("userspace_name", good_->userspace_name, bad_->userspace_name);
        }
    }

    void compare_commits() {
        static const RE2 hex("[0-9a-f]{7,64}");
        for (const auto& [option, profile] :
             {std::pair("--good-swprofile", good_), std::pair("--bad-swprofile", bad_)}) {
            if (!RE2::FullMatch(profile->kernel_git_sha, hex)) {
                refuse(ErrorCode::bad_input,
                       std::string(option) + ": " + quote_foreign(profile->name) + " has " +
                           (profile->kernel_git_sha.empty()
                                ? "no kernel_git_sha"
                                : "the kernel_git_sha " + quote_foreign(profile->kernel_git_sha)) +
                           " (git needs a commit: 7 to 64 of 0-9 and a-f)",
                       "name it in the plan or in the file that is imported");
            }
        }
        const auto& good = good_->kernel_git_sha;
        const auto& bad = bad_->kernel_git_sha;
        if (!good.empty() && (good.starts_with(bad) || bad.starts_with(good)) && !bad.empty()) {
            refuse(ErrorCode::bad_input, "swprofiles: both have the kernel_git_sha " +
                                             quote_foreign(good) +
                                             " (allowed: two different commits)");
        }
    }

    static std::string text_of(const std::vector<std::string>& lines) {
        return lines.empty() ? "nothing" : quote_foreign(join(lines, " | "));
    }

    static std::string text_of(const std::string& text) { return quote_foreign(text); }

    /// Ids of the benchmarks meant that a profile was measured by, on this SUT.
    [[nodiscard]] std::set<std::string> measured_by(const std::string& swprofile) const {
        std::set<std::string> ids;
        for (const auto& result : store_.results) {
            if (result.swprofile == swprofile && result.sut == sut_->name &&
                is_meant(result.benchmark)) {
                ids.insert(result.benchmark);
            }
        }
        return ids;
    }

    [[nodiscard]] bool is_meant(const std::string& id) const {
        return id == question_.benchmark || id.substr(0, id.rfind(':')) == question_.benchmark;
    }

    void refuse_unmeasured(const char* option, const std::string& swprofile) {
        std::set<std::string> others;
        for (const auto& result : store_.results) {
            if (result.swprofile == swprofile && is_meant(result.benchmark)) {
                others.insert(quote_foreign(result.sut));
            }
        }
        const std::vector<std::string> names(others.begin(), others.end());
        refuse(ErrorCode::not_found,
               std::string(option) + ": " + quote_foreign(swprofile) + " has no samples of " +
                   quote_foreign(question_.benchmark) + " on " + quote_foreign(sut_->name) + " (" +
                   (names.empty() ? "it was measured by it nowhere"
                                  : "it was measured on " + cap(join(names, ", "), 300)) +
                   ")",
               "measure it with: lab plan exec --append --output STORE PLAN");
    }

    void choose_benchmark() {
        const auto good = measured_by(good_->name);
        const auto bad = measured_by(bad_->name);
        if (good.empty()) {
            refuse_unmeasured("--good-swprofile", good_->name);
        }
        if (bad.empty() && good_ != bad_) {
            refuse_unmeasured("--bad-swprofile", bad_->name);
        }
        if (good.empty() || bad.empty()) {
            return;
        }
        std::vector<std::string> both;
        std::set_intersection(good.begin(), good.end(), bad.begin(), bad.end(),
                              std::back_inserter(both));
        if (both.size() == 1) {
            benchmark_ = benchmark_of(both.front());
        } else if (both.empty()) {
            refuse(ErrorCode::bad_input,
                   "--benchmark: " + quote_foreign(question_.benchmark) +
                       " was run with other parameters for good and bad: " +
                       difference(*benchmark_of(*good.begin()), *benchmark_of(*bad.begin())) +
                       " (allowed: the same type, image and params)");
        } else {
            refuse(ErrorCode::bad_input,
                   "--benchmark: " + quote_foreign(question_.benchmark) + " stands for " +
                       std::to_string(both.size()) + " that both ends have (" +
                       cap(join(both, ", "), 300) + ")",
                   "name one of them: lab result list STORE --object benchmark shows their params");
        }
    }

    [[nodiscard]] const ports::BenchmarkRecord* benchmark_of(const std::string& id) const {
        return &*std::find_if(store_.benchmarks.begin(), store_.benchmarks.end(),
                              [&](const auto& benchmark) { return benchmark.id() == id; });
    }

    static std::string difference(const ports::BenchmarkRecord& good,
                                  const ports::BenchmarkRecord& bad) {
        std::vector<std::string> parts;
        const auto add = [&](const std::string& what, const std::string& one,
                             const std::string& other) {
            if (one != other) {
                parts.push_back(what + " " + quote_foreign(one) + " and " + quote_foreign(other));
            }
        };
        add("type", good.type, bad.type);
        add("image", good.image, bad.image);
        std::set<std::string> names;
        for (const auto& params : {good.params, bad.params}) {
            for (const auto& [name, value] : params) {
                names.insert(name);
            }
        }
        const auto value_of = [](const ports::BenchmarkRecord& record, const std::string& name) {
            const auto found = record.params.find(name);
            return found == record.params.end() ? std::string() : found->second;
        };
        for (const auto& name : names) {
            add("param " + cap(escape_for_terminal(name), 64), value_of(good, name),
                value_of(bad, name));
        }
        return cap(join(parts, ", "), 500);
    }

    Expected<BaselinePair, Refusals> measure() {
        const auto metric = std::find_if(
            store_.resultclasses.begin(), store_.resultclasses.end(), [&](const auto& each) {
                return each.benchmark == benchmark_->id() && each.name == question_.resultclass;
            });
        if (metric == store_.resultclasses.end()) {
            return Unexpected{std::move(refusals_)};
        }
        auto records = copies();
        const auto good = values_of(records, good_->name, *metric);
        const auto bad = values_of(records, bad_->name, *metric);
        for (const auto& [option, values] :
             {std::pair("--good-swprofile", &good), std::pair("--bad-swprofile", &bad)}) {
            if (values->size() < 2) {
                refuse(ErrorCode::bad_input,
                       std::string(option) + ": has " + std::to_string(values->size()) +
                           (values->size() == 1 ? " sample of " : " samples of ") +
                           quote_foreign(metric->name) +
                           " (at least 2, better 5: an interval needs a spread)",
                       "measure more with: lab plan exec --append --output STORE PLAN");
            }
        }
        if (!refusals_.empty()) {
            return Unexpected{std::move(refusals_)};
        }
        const auto levels = core::Baselines::create(good, bad, metric->better);
        if (!levels) {
            refuse(ErrorCode::bad_input,
                   "--resultclass: " + quote_foreign(metric->name) + ": " + levels.error(),
                   "swap the ends, name another resultclass, or measure more samples");
            return Unexpected{std::move(refusals_)};
        }
        BaselinePair pair{*good_, *bad_, *benchmark_, *metric, *levels, std::move(records)};
        count(pair);
        return pair;
    }

    /// Everything of both ends on this SUT by this benchmark.
    [[nodiscard]] ports::ResultBatch copies() const {
        ports::ResultBatch batch;
        batch.suts = {*sut_};
        batch.swprofiles = {*good_, *bad_};
        batch.benchmarks = {*benchmark_};
        const auto id = benchmark_->id();
        std::copy_if(store_.resultclasses.begin(), store_.resultclasses.end(),
                     std::back_inserter(batch.resultclasses),
                     [&](const auto& metric) { return metric.benchmark == id; });
        std::set<std::string> sessions;
        const auto take = [&](const auto& records, auto& out) {
            for (const auto& record : records) {
                if (record.benchmark == id && record.sut == sut_->name &&
                    (record.swprofile == good_->name || record.swprofile == bad_->name)) {
                    out.push_back(record);
                    sessions.insert(record.session);
                }
            }
        };
        take(store_.results, batch.results);
        take(store_.errors, batch.errors);
        std::copy_if(store_.sessions.begin(), store_.sessions.end(),
                     std::back_inserter(batch.sessions),
                     [&](const auto& session) { return sessions.contains(session.uuid); });
        return batch;
    }

    /// How often the good end was booted and run, as far as a plan can say it.
    void count(BaselinePair& pair) const {
        std::set<std::string> sessions;
        std::int64_t repeats = 1;
        for (const auto& result : pair.records.results) {
            if (result.swprofile == good_->name && result.resultclass == pair.metric.name) {
                sessions.insert(result.session);
                repeats = std::max(repeats, result.sequence);
            }
        }
        constexpr std::int64_t most = 1000;
        pair.sessions =
            static_cast<unsigned>(std::min(static_cast<std::int64_t>(sessions.size()), most));
        pair.repeats = static_cast<unsigned>(std::min(repeats, most));
    }

    const ports::ResultBatch& store_;
    const BaselineQuestion& question_;
    Refusals refusals_;
    const ports::SutRecord* sut_ = nullptr;
    const ports::SwprofileRecord* good_ = nullptr;
    const ports::SwprofileRecord* bad_ = nullptr;
    const ports::BenchmarkRecord* benchmark_ = nullptr;
    bool benchmark_is_known_ = false;
};

} // namespace

Error to_error(const Refusals& refusals) {
    std::vector<std::string> lines;
    std::string hint;
    auto code = ErrorCode::conflict;
    const auto rank = [](ErrorCode each) {
        return each == ErrorCode::bad_input ? 0 : each == ErrorCode::not_found ? 1 : 2;
    };
    for (const auto& refusal : refusals) {
        lines.push_back(refusal.text);
        hint = hint.empty() ? refusal.hint : hint;
        code = rank(refusal.code) < rank(code) ? refusal.code : code;
    }
    return Error(code, join(lines, "\n"), hint);
}

ports::ResultBatch read_ends(ports::ResultStore& store, const BaselineQuestion& ends) {
    ports::ResultFilter filter;
    filter.tables = ports::Tables::objects;
    auto objects = store.read(filter);
    filter.tables = ports::Tables::everything;
    filter.swprofiles = {ends.good, ends.bad};
    auto samples = store.read(filter);
    objects.sessions = std::move(samples.sessions);
    objects.results = std::move(samples.results);
    objects.errors = std::move(samples.errors);
    return objects;
}

Expected<BaselinePair, Refusals> find_baselines(const ports::ResultBatch& store,
                                                const BaselineQuestion& question) {
    return BaselineSearch(store, question).find();
}

std::vector<double> values_of(const ports::ResultBatch& batch, const std::string& swprofile,
                              const ports::ResultclassRecord& metric) {
    std::vector<double> values;
    for (const auto& result : batch.results) {
        if (result.swprofile == swprofile && result.benchmark == metric.benchmark &&
            result.resultclass == metric.name) {
            values.push_back(result.value);
        }
    }
    return values;
}

} // namespace lab::cli
