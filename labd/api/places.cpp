// SPDX-License-Identifier: Apache-2.0
#include "api/places.h"

#include "base/error.h"

#include <cstdlib>

namespace lab::api {
namespace {

namespace fs = std::filesystem;

/// An XDG directory; relative values are ignored, as the specification demands.
std::optional<fs::path> xdg(const Environment& variable, const char* name, const char* below_home) {
    if (const auto value = variable(name); value && fs::path(*value).is_absolute()) {
        return fs::path(*value);
    }
    const auto home = variable("HOME");
    if (below_home == nullptr || !home || !fs::path(*home).is_absolute()) {
        return std::nullopt;
    }
    return fs::path(*home) / below_home;
}

fs::path required(const std::optional<fs::path>& directory, const char* name) {
    if (!directory) {
        throw Error(ErrorCode::bad_input,
                    std::string(name) + ": no directory to use (neither it nor HOME is set)",
                    "set LAB_HOME to a directory that shall hold the lab");
    }
    return *directory / "lab";
}

} // namespace

std::optional<std::string> environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

Places find_places(const Environment& variable) {
    Places places;
    if (const auto home = variable("LAB_HOME")) {
        auto root = fs::absolute(*home).lexically_normal();
        if (!root.has_filename()) {
            root = root.parent_path();
        }
        places = {root / "config", root / "state", root / "data", root / "run"};
    } else {
        places.config_dir =
            required(xdg(variable, "XDG_CONFIG_HOME", ".config"), "XDG_CONFIG_HOME");
        places.state_dir =
            required(xdg(variable, "XDG_STATE_HOME", ".local/state"), "XDG_STATE_HOME");
        places.data_dir = required(xdg(variable, "XDG_DATA_HOME", ".local/share"), "XDG_DATA_HOME");
        const auto runtime = xdg(variable, "XDG_RUNTIME_DIR", nullptr);
        places.runtime_dir = runtime ? *runtime / "lab" : places.state_dir / "run";
    }
    check_socket_path(places.socket());
    return places;
}

void check_socket_path(const fs::path& socket) {
    const auto length = socket.native().size();
    if (length > socket_path_limit) {
        throw Error(ErrorCode::bad_input,
                    socket.string() + ": state path too long for a unix socket (" +
                        std::to_string(length) + " > " + std::to_string(socket_path_limit) + ")",
                    "set LAB_HOME to a directory with a shorter path");
    }
}

fs::path program_directory() {
    std::error_code failed;
    const auto program = fs::read_symlink("/proc/self/exe", failed);
    return failed ? fs::path() : program.parent_path();
}

std::vector<fs::path> template_search_path(const Places& places, const Environment& variable) {
    std::vector<fs::path> shipped;
    if (const auto chosen = variable("LAB_TEMPLATES")) {
        shipped = {fs::absolute(*chosen)};
    } else {
        shipped = {(program_directory() / "../share/lab/vm-templates").lexically_normal(),
                   LAB_SOURCE_TEMPLATES};
    }
    std::vector<fs::path> found;
    std::error_code ignored;
    for (const auto& directory : shipped) {
        if (fs::is_directory(directory, ignored)) {
            found.push_back(directory);
            break;
        }
    }
    if (fs::is_directory(places.user_templates(), ignored)) {
        found.push_back(places.user_templates());
    }
    return found;
}

std::optional<fs::path> find_config(const fs::path& from, const Places& places) {
    std::error_code ignored;
    for (auto directory = from;; directory = directory.parent_path()) {
        if (fs::is_regular_file(directory / "lab.yaml", ignored)) {
            return directory / "lab.yaml";
        }
        if (directory == directory.parent_path()) {
            break;
        }
    }
    if (fs::is_regular_file(places.user_config(), ignored)) {
        return places.user_config();
    }
    return std::nullopt;
}

} // namespace lab::api
