// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/printed_value.h"

namespace lab::engine {

PrintedValue::PrintedValue(const std::string& regex) {
    if (!regex.empty()) {
        search_.emplace(regex);
    }
}

void PrintedValue::feed(std::string_view bytes) {
    if (search_) {
        search_->feed(bytes);
    } else {
        lines_.feed(bytes);
    }
}

core::Finding PrintedValue::finish(core::OutputEnd end) {
    if (search_) {
        const auto value = search_->finish(end);
        return value ? core::Finding(core::Measured{{*value}})
                     : core::CheckFailed{"--metric-regex " + value.error()};
    }
    const auto lines = lines_.finish(end);
    if (!lines) {
        const auto& first = lines.error().front();
        return core::CheckFailed{first.where + " " + first.message};
    }
    if (lines->empty()) {
        return core::CommandExit{0};
    }
    return core::Measured{{lines->front().value}};
}

} // namespace lab::engine
