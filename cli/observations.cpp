// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "cli/oracle.h"

#include <cmath>

namespace lab::cli {
namespace {

using Json = nlohmann::json;

/// What one object says, or what is wrong with it.
Expected<Seen, std::string> seen_from(const Json& object) {
    if (!object.is_object() || object.size() != 2 || !object.contains("commit") ||
        object.contains("outcome") == object.contains("value")) {
        return Unexpected<std::string>{
            R"(is no observation (allowed: {"commit":"<40 hex>","outcome":"pass|fail|skip"}, )"
            R"({"commit":"<40 hex>","value":<number>}))"};
    }
    Seen seen;
    try {
        seen.commit = core::CommitId(object["commit"].get<std::string>());
    } catch (const std::exception&) {
        return Unexpected<std::string>{"commit is no full object id (40 lower-case hex digits)"};
    }
    if (object.contains("value")) {
        if (!object["value"].is_number() || !std::isfinite(object["value"].get<double>())) {
            return Unexpected<std::string>{"value is no finite number"};
        }
        seen.outcome = core::Sampled{object["value"].get<double>()};
        return seen;
    }
    const auto& outcome = object["outcome"];
    if (outcome == "pass") {
        seen.outcome = core::Passed{};
    } else if (outcome == "fail") {
        seen.outcome = core::Failed{};
    } else if (outcome == "skip") {
        seen.outcome = core::Skipped{};
    } else {
        return Unexpected<std::string>{"outcome is not allowed (pass, fail or skip)"};
    }
    return seen;
}

} // namespace

Parsed<std::vector<Seen>> parse_observations(std::string_view text, const std::string& name) {
    constexpr std::size_t most_problems = 20;
    std::vector<Seen> all;
    Diagnostics problems;
    std::size_t number = 0;
    for (const auto& line : split(text, '\n')) {
        ++number;
        if (trim(line).empty() || problems.size() == most_problems) {
            continue;
        }
        const auto object = Json::parse(line, nullptr, false);
        auto seen = object.is_discarded()
                        ? Expected<Seen, std::string>(Unexpected<std::string>{"is no JSON"})
                        : seen_from(object);
        if (!seen) {
            problems.push_back({name + ":" + std::to_string(number), seen.error()});
            continue;
        }
        all.push_back(std::move(seen).value());
        all.back().line = number;
    }
    if (!problems.empty()) {
        return Unexpected{problems};
    }
    return all;
}

} // namespace lab::cli
