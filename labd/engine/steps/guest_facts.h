// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/workshop.h"

#include <filesystem>
#include <string>
#include <vector>

namespace lab::engine {

/// Which files of its source tree a build has read, by what its compilers recorded: dependency
/// files of make (`*.d`), Kbuild's `.*.cmd`, `*.meta` of BSD make's META_MODE. Paths below the
/// source tree; none when nothing was recorded or the machine or container cannot tell.
/// @throws Cancelled; Error infra when the connection breaks
[[nodiscard]] std::vector<std::string> files_read_in_guest(const CommandRunner& run,
                                                           const std::string& sources,
                                                           const std::string& objects,
                                                           const std::stop_token& stop);

/// The same of a build on this host.
[[nodiscard]] std::vector<std::string> files_read_here(const std::filesystem::path& sources,
                                                       const std::stop_token& stop);

/// Where an install goes, as its scripts see it.
struct InstallPaths {
    std::string destination;
    std::string boot;
    std::string mark; ///< file that says when it began
};

/// Marks the moment from which on artefact_in_guest() looks at what is installed.
void mark_before_install(const CommandRunner& run, const InstallPaths& paths,
                         const std::stop_token& stop);

/// SHA-256 over the files that were installed since the mark: names, modes, owners and content, not
/// times. Empty when the machine or container cannot tell.
/// @throws Cancelled; Error infra when the connection breaks
[[nodiscard]] std::string artefact_in_guest(const CommandRunner& run, const InstallPaths& paths,
                                            const std::stop_token& stop);

} // namespace lab::engine
