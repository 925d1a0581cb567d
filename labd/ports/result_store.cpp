// SPDX-License-Identifier: Apache-2.0
#include "ports/result_store.h"

#include "base/json.h"
#include "base/sha256.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fnmatch.h>

namespace lab::ports {

std::string BenchmarkRecord::params_hash() const {
    // A std::map is sorted, and so are the keys of nlohmann's objects.
    return sha256_of(json_text(nlohmann::json(params)));
}

std::string BenchmarkRecord::id() const {
    if (type.empty() && image.empty() && params.empty()) {
        return title();
    }
    const std::string nul(1, '\0');
    return title() + ":" + sha256_of(type + nul + image + nul + params_hash()).substr(0, 12);
}

const char* better_word(core::Direction direction) noexcept {
    return direction == core::Direction::higher_is_better ? "higher" : "lower";
}

std::optional<core::Direction> better_from(std::string_view word) noexcept {
    for (const auto direction :
         {core::Direction::higher_is_better, core::Direction::lower_is_better}) {
        if (word == better_word(direction)) {
            return direction;
        }
    }
    return std::nullopt;
}

std::size_t ResultBatch::size() const {
    return suts.size() + swprofiles.size() + benchmarks.size() + resultclasses.size() +
           sessions.size() + results.size() + errors.size();
}

bool matches(const std::vector<std::string>& globs, const std::string& id) {
    return globs.empty() || std::any_of(globs.begin(), globs.end(), [&](const auto& glob) {
               return glob == id || ::fnmatch(glob.c_str(), id.c_str(), 0) == 0;
           });
}

bool matches_benchmark(const std::vector<std::string>& globs, const std::string& id) {
    return matches(globs, id) || matches(globs, id.substr(0, id.rfind(':')));
}

std::string time_text(const std::optional<RecordTime>& time) {
    if (!time) {
        return {};
    }
    const auto day = std::chrono::floor<std::chrono::days>(*time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(*time - day);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()),
                  static_cast<int>(clock.subseconds().count()));
    return text.data();
}

std::optional<RecordTime> time_from(std::string_view text) {
    static constexpr std::string_view form = "0000-00-00T00:00:00";
    const auto is_digit = [](char c) {
        return c >= '0' && c <= '9';
    };
    const bool in_form = text.size() > form.size() && text.back() == 'Z' &&
                         std::equal(form.begin(), form.end(), text.begin(), [&](char f, char c) {
                             return f == '0' ? is_digit(c) : f == c;
                         });
    if (!in_form) {
        return std::nullopt;
    }
    const auto fraction = text.substr(form.size(), text.size() - form.size() - 1);
    const bool fraction_fits =
        fraction.empty() || (fraction[0] == '.' && fraction.size() >= 2 && fraction.size() <= 7 &&
                             std::all_of(fraction.begin() + 1, fraction.end(), is_digit));
    if (!fraction_fits) {
        return std::nullopt;
    }
    const auto number = [&](std::size_t at, std::size_t digits) {
        return std::stoi(std::string(text.substr(at, digits)));
    };
    const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                           std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                           std::chrono::day(static_cast<unsigned>(number(8, 2))));
    if (!date.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59) {
        return std::nullopt;
    }
    auto digits = std::string(fraction.empty() ? "" : fraction.substr(1));
    digits.resize(6, '0');
    return std::chrono::sys_days(date) + std::chrono::hours(number(11, 2)) +
           std::chrono::minutes(number(14, 2)) + std::chrono::seconds(number(17, 2)) +
           std::chrono::microseconds(std::stoi(digits));
}

} // namespace lab::ports
