// SPDX-License-Identifier: Apache-2.0
#include "adapters/libvirt/embedded_root.h"

#include "adapters/libvirt/domain_xml.h"
#include "base/error.h"
#include "base/files.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace lab::adapters {
namespace {

/// The longest socket libvirt makes below its root; it cuts domain names to 20 characters here.
constexpr std::string_view deepest_socket =
    "/lib/qemu/domain-99999-12345678901234567890/monitor.sock";

/// No virtlogd, no root, no cgroups or mount namespaces: nothing that an embedded driver in a
/// container or under an ordinary user lacks.
constexpr std::string_view configuration = R"(stdio_handler = "file"
security_driver = "none"
dynamic_ownership = 0
remember_owner = 0
namespaces = [ ]
cgroup_controllers = [ ]
)";

constexpr std::string_view configuration_for_root = R"(user = "+0"
group = "+0"
)";

std::string escape_uri(const std::string& path) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view unreserved = "-._~/";
    std::string escaped;
    for (const char byte : path) {
        const auto code = static_cast<unsigned char>(byte);
        if (std::isalnum(code) != 0 || unreserved.find(byte) != std::string_view::npos) {
            escaped += byte;
            continue;
        }
        escaped += '%';
        escaped += digits[code >> 4U];
        escaped += digits[code & 15U];
    }
    return escaped;
}

} // namespace

std::string prepare_embedded_root(const std::filesystem::path& root) {
    const auto path = root.string();
    const auto limit = socket_path_limit - deepest_socket.size();
    if (!root.is_absolute()) {
        throw Error(ErrorCode::bad_input, path + ": is not an absolute path");
    }
    if (path.size() > limit) {
        throw Error(ErrorCode::bad_input,
                    path + ": the path of the hypervisor's directory has " +
                        std::to_string(path.size()) + " bytes (at most " + std::to_string(limit) +
                        ", as unix sockets lie below it)",
                    "Choose a shorter LAB_HOME.");
    }
    make_directory(root / "etc");
    write_file(root / "etc" / "qemu.conf",
               std::string(configuration) +
                   std::string(::geteuid() == 0 ? configuration_for_root : ""));
    return "qemu:///embed?root=" + escape_uri(path);
}

void remove_logs_except(const std::filesystem::path& root, const std::vector<std::string>& names) {
    std::error_code ignored; // a log that stays is no trouble
    for (const auto& entry : std::filesystem::directory_iterator(root / "log" / "qemu", ignored)) {
        const auto name = entry.path().stem().string();
        if (entry.path().extension() == ".log" &&
            std::find(names.begin(), names.end(), name) == names.end()) {
            std::filesystem::remove(entry.path(), ignored);
        }
    }
}

bool uses_this_host(const std::string& uri) {
    const auto separator = uri.find("://");
    return separator != std::string::npos && uri.substr(separator + 3).starts_with('/');
}

} // namespace lab::adapters
