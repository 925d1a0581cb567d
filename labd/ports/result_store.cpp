// SPDX-License-Identifier: Apache-2.0
#include "ports/result_store.h"

#include "base/sha256.h"

#include <algorithm>
#include <fnmatch.h>
#include <nlohmann/json.hpp>

namespace lab::ports {

std::string BenchmarkRecord::params_hash() const {
    // A std::map is sorted, and so are the keys of nlohmann's objects.
    return sha256_of(
        nlohmann::json(params).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
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
               return ::fnmatch(glob.c_str(), id.c_str(), 0) == 0;
           });
}

bool matches_benchmark(const std::vector<std::string>& globs, const std::string& id) {
    return matches(globs, id) || matches(globs, id.substr(0, id.rfind(':')));
}

} // namespace lab::ports
