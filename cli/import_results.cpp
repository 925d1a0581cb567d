// SPDX-License-Identifier: Apache-2.0
#include "cli/import_results.h"

#include "base/characters.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace lab::cli {
namespace {

using Json = nlohmann::json;

constexpr std::size_t most_problems = 100;
constexpr std::size_t longest_id = 200;
constexpr const char* allowed_keys =
    "allowed: sut, swprofile, benchmark, resultclass, unit, better, session, value; sequence, "
    "time, host_load, quiet, kernel_name, kernel_git_sha, userspace_name, cmdline, sysctl, "
    "bootscript";

/// One line, as far as it could be read.
struct Line {
    std::size_t number = 0;
    ports::ResultRecord result;
    ports::SwprofileRecord profile;
    ports::ResultclassRecord metric;
    bool has_sequence = false;
    bool describes_profile = false;
};

bool is_uuid(const std::string& text) {
    static constexpr std::string_view form = "00000000-0000-0000-0000-000000000000";
    return text.size() == form.size() &&
           std::equal(text.begin(), text.end(), form.begin(), [](char c, char f) {
               return f == '-' ? c == '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

/// A UUID of version 8 (RFC 9562) made of names.
std::string uuid_of(const ports::ResultRecord& result) {
    const std::string nul(1, '\0');
    auto hex =
        sha256_of("lab session" + nul + result.sut + nul + result.swprofile + nul + result.session);
    hex[12] = '8';
    hex[16] = "89ab"[static_cast<std::size_t>(hex[16] % 4)];
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
           hex.substr(16, 4) + "-" + hex.substr(20, 12);
}

/// Reads the members of one object and collects what is wrong with them.
class LineReader {
public:
    LineReader(const Json& object, std::vector<std::string>& problems)
        : object_(object), problems_(problems) {}

    Line read() {
        Line line;
        auto& result = line.result;
        result.sut = id("sut");
        result.swprofile = id("swprofile");
        result.benchmark = benchmark();
        result.resultclass = id("resultclass");
        result.session = id("session");
        line.metric = {result.benchmark, result.resultclass, text("unit"), better()};
        require("unit");
        result.value = number("value").value_or(0);
        require("value");
        line.has_sequence = object_.contains("sequence");
        result.sequence = sequence();
        result.time = time();
        result.host_load = number("host_load");
        result.quiet = text("quiet");
        line.profile = {result.swprofile,       text("kernel_name"), text("kernel_git_sha"),
                        text("userspace_name"), texts("cmdline"),    texts("sysctl"),
                        texts("bootscript")};
        line.describes_profile = line.profile != ports::SwprofileRecord{result.swprofile};
        refuse_others();
        return line;
    }

private:
    void problem(const std::string& key, const std::string& what) {
        problems_.push_back(key + " " + what);
    }

    void require(const char* key) {
        used_.insert(key);
        if (!object_.contains(key)) {
            problem(key, "is missing");
        }
    }

    const Json* find(const char* key) {
        used_.insert(key);
        const auto found = object_.find(key);
        return found == object_.end() ? nullptr : &*found;
    }

    std::string text(const char* key) {
        const auto* value = find(key);
        if (value != nullptr && !value->is_string()) {
            problem(key, "is no text");
        }
        return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
    }

    std::string id(const char* key) {
        require(key);
        const auto value = text(key);
        const bool odd = std::any_of(value.begin(), value.end(), is_control);
        const bool fits = !value.empty() && value.size() <= longest_id && !odd &&
                          value.front() != ' ' && value.back() != ' ';
        if (object_.contains(key) && object_[key].is_string() && !fits) {
            problem(key, "is no id (allowed: 1 to 200 bytes without control characters and without "
                         "a space at either end)");
        }
        return value;
    }

    std::string benchmark() {
        const auto value = id("benchmark");
        const auto slash = value.find('/');
        const bool fits = slash != std::string::npos && slash > 0 && slash + 1 < value.size() &&
                          value.find(':') == std::string::npos;
        if (!value.empty() && !fits) {
            problem("benchmark", "is not of the form suite/name (without ':')");
        }
        return value;
    }

    core::Direction better() {
        require("better");
        const auto found = ports::better_from(text("better"));
        if (!found && object_.contains("better")) {
            problem("better", "is not allowed (higher or lower)");
        }
        return found.value_or(core::Direction::higher_is_better);
    }

    std::optional<double> number(const char* key) {
        const auto* value = find(key);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (!value->is_number() || !std::isfinite(value->get<double>())) {
            problem(key, "is no finite number");
            return std::nullopt;
        }
        return value->get<double>();
    }

    std::int64_t sequence() {
        const auto* value = find("sequence");
        const bool fits = value != nullptr && value->is_number_unsigned() &&
                          value->get<std::uint64_t>() >= 1 &&
                          value->get<std::uint64_t>() <= 1'000'000'000;
        if (value != nullptr && !fits) {
            problem("sequence", "is not allowed (1, 2, 3 ...)");
        }
        return fits ? value->get<std::int64_t>() : 0;
    }

    std::optional<ports::RecordTime> time() {
        const auto value = text("time");
        const auto found = ports::time_from(value);
        if (!found && !value.empty()) {
            problem("time", "is no time in UTC (allowed: for example 2025-03-01T10:00:00.123456Z)");
        }
        return found;
    }

    std::vector<std::string> texts(const char* key) {
        const auto* value = find(key);
        if (value == nullptr) {
            return {};
        }
        const bool fits =
            value->is_array() && std::all_of(value->begin(), value->end(),
                                             [](const Json& each) { return each.is_string(); });
        if (!fits) {
            problem(key, "is no list of texts");
            return {};
        }
        return value->get<std::vector<std::string>>();
    }

    void refuse_others() {
        for (const auto& [key, value] : object_.items()) {
            if (!used_.contains(key)) {
                problem("'" + cap(escape_for_terminal(key), 60) + "'",
                        std::string("is no known key (") + allowed_keys + ")");
            }
        }
    }

    const Json& object_;
    std::vector<std::string>& problems_;
    std::set<std::string> used_;
};

/// Puts lines together; says where they contradict each other or come twice.
class Collector {
public:
    /// Problems of a line beside those before it.
    std::vector<std::string> add(Line line) {
        std::vector<std::string> problems;
        auto& result = line.result;
        if (!is_uuid(result.session)) {
            result.session = uuid_of(result);
        }
        place(line, problems);
        agree(sessions_, result.session, {result.sut, result.swprofile}, line.number,
              "session is of another sut or swprofile", problems);
        agree(metrics_, {result.benchmark, result.resultclass}, line.metric, line.number,
              "unit or better differs", problems);
        if (line.describes_profile) {
            agree(profiles_, result.swprofile, line.profile, line.number,
                  "the swprofile is described differently", problems);
        }
        suts_.insert(result.sut);
        names_.insert(result.swprofile);
        results_.push_back(result);
        return problems;
    }

    ImportedResults take() && {
        ImportedResults out;
        auto& batch = out.batch;
        for (const auto& sut : suts_) {
            batch.suts.push_back({.name = sut});
        }
        for (const auto& name : names_) {
            const auto found = profiles_.find(name);
            const bool described = found != profiles_.end();
            batch.swprofiles.push_back(described ? found->second.first
                                                 : ports::SwprofileRecord{.name = name});
            if (described) {
                out.described.insert(name);
            }
        }
        std::set<std::string> benchmarks;
        for (const auto& [key, metric] : metrics_) {
            if (benchmarks.insert(key.first).second) {
                const auto slash = key.first.find('/');
                batch.benchmarks.push_back(
                    {.suite = key.first.substr(0, slash), .name = key.first.substr(slash + 1)});
            }
            batch.resultclasses.push_back(metric.first);
        }
        for (const auto& [uuid, owner] : sessions_) {
            batch.sessions.push_back({.uuid = uuid});
        }
        batch.results = std::move(results_);
        return out;
    }

private:
    using Place = std::tuple<std::string, std::string, std::string>;

    /// Gives the sample its sequence; equal samples need one to be told apart.
    void place(Line& line, std::vector<std::string>& problems) {
        auto& result = line.result;
        const Place place{result.session, result.benchmark, result.resultclass};
        if (!line.has_sequence) {
            const auto [same, is_new] = equal_.try_emplace({place, result.value}, line.number);
            if (!is_new) {
                problems.push_back("is line " + std::to_string(same->second) +
                                   " again (a sequence tells equal samples of a session apart)");
            }
            result.sequence = ++counts_[place];
        }
        const auto [same, is_new] = places_.try_emplace({place, result.sequence}, line.number);
        if (!is_new) {
            problems.push_back("sequence " + std::to_string(result.sequence) +
                               " of this session is on line " + std::to_string(same->second) +
                               " already");
        }
    }

    template <class Key, class Value>
    static void agree(std::map<Key, std::pair<Value, std::size_t>>& known, const Key& key,
                      const Value& value, std::size_t number, const std::string& what,
                      std::vector<std::string>& problems) {
        const auto [found, is_new] = known.try_emplace(key, value, number);
        if (!is_new && found->second.first != value) {
            problems.push_back(what + " on line " + std::to_string(found->second.second));
        }
    }

    std::set<std::string> suts_;
    std::set<std::string> names_;
    std::map<std::string, std::pair<ports::SwprofileRecord, std::size_t>> profiles_;
    std::map<std::string, std::pair<std::pair<std::string, std::string>, std::size_t>> sessions_;
    std::map<std::pair<std::string, std::string>, std::pair<ports::ResultclassRecord, std::size_t>>
        metrics_;
    std::map<Place, std::int64_t> counts_;
    std::map<std::pair<Place, double>, std::size_t> equal_;
    std::map<std::pair<Place, std::int64_t>, std::size_t> places_;
    std::vector<ports::ResultRecord> results_;
};

/// What is wrong with one line; nothing when it was taken.
std::vector<std::string> read_line(const std::string& text, std::size_t number,
                                   Collector& collector) {
    const auto object = Json::parse(text, nullptr, false);
    if (!object.is_object()) {
        return {"is no JSON object (NaN and infinities are no JSON)"};
    }
    std::vector<std::string> problems;
    auto line = LineReader(object, problems).read();
    line.number = number;
    return problems.empty() ? collector.add(std::move(line)) : problems;
}

} // namespace

Parsed<ImportedResults> parse_results(std::string_view text, const std::string& name) {
    Collector collector;
    Diagnostics problems;
    std::size_t number = 0;
    bool any = false;
    for (const auto& line : split(text, '\n')) {
        ++number;
        if (trim(line).empty() || problems.size() >= most_problems) {
            continue;
        }
        any = true;
        for (const auto& problem : read_line(line, number, collector)) {
            problems.push_back({name + ":" + std::to_string(number), problem});
        }
    }
    if (!any) {
        problems.push_back({name, "holds no samples (one JSON object a line)"});
    }
    if (!problems.empty()) {
        return Unexpected{problems};
    }
    return std::move(collector).take();
}

} // namespace lab::cli
