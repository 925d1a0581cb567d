// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lab::api {

/// Longest path a unix socket can have.
/// @see unix(7): sun_path is 108 bytes with the final NUL.
inline constexpr std::size_t socket_path_limit = 107;

/// What a labd says when it ends because another one holds the lock of its state directory: whoever
/// has started it may try again.
inline constexpr std::string_view another_labd_runs = "another labd runs on this state directory";

/// Where a lab's files live; all paths are absolute.
struct Places {
    std::filesystem::path config_dir;  ///< lab.yaml and vm-templates/ of the user
    std::filesystem::path state_dir;   ///< database, logs, libvirt's root
    std::filesystem::path data_dir;    ///< images
    std::filesystem::path runtime_dir; ///< the socket; mode 0700

    [[nodiscard]] std::filesystem::path socket() const { return runtime_dir / "labd.sock"; }
    [[nodiscard]] std::filesystem::path user_config() const { return config_dir / "lab.yaml"; }
    [[nodiscard]] std::filesystem::path user_templates() const {
        return config_dir / "vm-templates";
    }
};

/// Value of an environment variable; an empty one counts as absent.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

/// The environment of this process.
[[nodiscard]] std::optional<std::string> environment(const std::string& name);

/// Places as the environment says: all below LAB_HOME when that is set, else the XDG directories
/// (XDG_RUNTIME_DIR missing: `<state>/run`).
/// @throws Error bad_input  when neither LAB_HOME, HOME nor the XDG variables are there, or the
///                          socket's path would be longer than socket_path_limit.
[[nodiscard]] Places find_places(const Environment& variable = environment);

/// @throws Error bad_input  "state path too long for a unix socket (N > 107)".
void check_socket_path(const std::filesystem::path& socket);

/// Directory of the running program.
[[nodiscard]] std::filesystem::path program_directory();

/// Directories that hold templates and `benchmarks/`, in the order of search: the shipped one
/// (LAB_TEMPLATES; else ../share/lab/vm-templates beside the program; else the source tree's), then
/// the user's. Only existing ones. A configuration's `template_dirs` go before them.
[[nodiscard]] std::vector<std::filesystem::path>
template_search_path(const Places& places, const Environment& variable = environment);

/// lab.yaml of a directory or the nearest one above it, else the user's; nothing when there is
/// none.
[[nodiscard]] std::optional<std::filesystem::path> find_config(const std::filesystem::path& from,
                                                               const Places& places);

} // namespace lab::api
