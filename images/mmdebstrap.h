// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace lab::images {

/// The root file system of a Debian release.
struct DebianRequest {
    std::string suite;                 ///< "bookworm"
    std::vector<std::string> packages; ///< beside those that every Debian system has
    std::filesystem::path tar;         ///< file to write; its directory is used for scratch
};

/// Package sources of this host (files of apt) that name the suite; none = Debian's own servers.
[[nodiscard]] std::vector<std::filesystem::path>
apt_sources(const std::filesystem::path& apt_directory, const std::string& suite);

/// Arguments of mmdebstrap for a request.
/// @throws Error bad_input  for a suite or package name that is none.
[[nodiscard]] std::vector<std::string>
mmdebstrap_argv(const DebianRequest& request, const std::vector<std::filesystem::path>& sources);

/// Makes the tar of a Debian root from the host's own package sources, as root or, in a user
/// namespace, as an ordinary user. No documentation, no translations, no package lists, no initrd.
void make_debian_tar(const DebianRequest& request, const std::function<void(std::string_view)>& log,
                     const std::stop_token& stop);

} // namespace lab::images
