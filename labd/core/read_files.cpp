// SPDX-License-Identifier: Apache-2.0
#include "core/read_files.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace lab::core {
namespace {

constexpr std::array<std::string_view, 14> recorded_languages{
    ".c", ".h",  ".S",   ".s",   ".cc",  ".cpp", ".cxx",
    ".C", ".hh", ".hpp", ".hxx", ".inc", ".dts", ".dtsi"};

bool has_recorded_language(const std::string& path) {
    const auto name = path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1;
    const auto dot = path.rfind('.');
    return dot != std::string::npos && dot > name &&
           std::find(recorded_languages.begin(), recorded_languages.end(), path.substr(dot)) !=
               recorded_languages.end();
}

std::string part_of(const std::string& path) {
    const auto slash = path.find('/');
    return slash == std::string::npos ? "" : path.substr(0, slash);
}

} // namespace

void ReadFiles::add_build(const std::vector<std::string>& read,
                          const std::vector<std::string>& there) {
    read_.insert(read.begin(), read.end());
    there_.insert(there.begin(), there.end());
    for (const auto& path : read) {
        if (has_recorded_language(path)) {
            recorded_parts_.insert(part_of(path));
        }
    }
}

bool ReadFiles::is_unread(const std::string& path) const {
    return has_recorded_language(path) && !read_.contains(path) && there_.contains(path) &&
           recorded_parts_.contains(part_of(path));
}

bool ReadFiles::cannot_matter(const std::vector<std::string>& changed) const {
    return std::all_of(changed.begin(), changed.end(),
                       [&](const std::string& path) { return is_unread(path); });
}

} // namespace lab::core
