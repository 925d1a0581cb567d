// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace lab {
namespace {

struct Split {
    std::uint64_t number;
    std::string_view unit;
};

std::optional<Split> split_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number);
    if (result.ec != std::errc{}) {
        return std::nullopt;
    }
    return Split{number, std::string_view(result.ptr, static_cast<std::size_t>(end - result.ptr))};
}

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

template <std::size_t Size>
std::optional<std::uint64_t> scale(std::string_view text, const std::array<Unit, Size>& units,
                                   std::uint64_t limit) {
    const auto split = split_number(text);
    if (!split) {
        return std::nullopt;
    }
    for (const auto& unit : units) {
        if (unit.name == split->unit) {
            return split->number > limit / unit.factor ? std::nullopt
                                                       : std::optional(split->number * unit.factor);
        }
    }
    return std::nullopt;
}

template <class... Args>
std::string print(const char* format, Args... args) {
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), format, args...);
    return buffer.data();
}

} // namespace

std::optional<Bytes> parse_bytes(std::string_view text) {
    static constexpr std::array<Unit, 5> units{{{"B", 1},
                                                {"KiB", 1ULL << 10U},
                                                {"MiB", 1ULL << 20U},
                                                {"GiB", 1ULL << 30U},
                                                {"TiB", 1ULL << 40U}}};
    const auto count = scale(text, units, std::uint64_t{1} << 62U);
    return count ? std::optional(Bytes{*count}) : std::nullopt;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    static constexpr std::array<Unit, 5> units{
        {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
    const auto count = scale(text, units, 365ULL * 86'400'000ULL);
    return count ? std::optional(std::chrono::milliseconds(*count)) : std::nullopt;
}

std::string format_bytes(Bytes size) {
    static constexpr std::array names{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    auto value = static_cast<double>(size.count);
    std::size_t index = 0;
    while (value >= 1024.0 && index + 1 < names.size()) {
        value /= 1024.0;
        ++index;
    }
    return print(index == 0 ? "%.0f %s" : "%.1f %s", value, names.at(index));
}

std::string format_duration(std::chrono::milliseconds duration) {
    const auto total = duration.count();
    if (total < 10'000) {
        return print("%.1f s", static_cast<double>(total) / 1000.0);
    }
    const auto seconds = total / 1000;
    if (seconds < 60) {
        return print("%lld s", static_cast<long long>(seconds));
    }
    if (seconds < 3600) {
        return print("%lld min %02lld s", static_cast<long long>(seconds / 60),
                     static_cast<long long>(seconds % 60));
    }
    return print("%lld h %02lld min", static_cast<long long>(seconds / 3600),
                 static_cast<long long>(seconds / 60 % 60));
}

} // namespace lab
