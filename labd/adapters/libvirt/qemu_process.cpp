// SPDX-License-Identifier: Apache-2.0
#include "adapters/libvirt/qemu_process.h"

#include "base/process_table.h"

#include <algorithm>
#include <filesystem>

namespace lab::adapters {

bool is_qemu(const std::vector<std::string>& words) {
    return !words.empty() &&
           std::filesystem::path(words[0]).filename().string().starts_with("qemu-system-");
}

std::string uuid_of(const std::vector<std::string>& words) {
    const auto flag = std::find(words.begin(), words.end(), "-uuid");
    return flag == words.end() || flag + 1 == words.end() ? "" : flag[1];
}

std::optional<pid_t> find_qemu(const std::string& uuid) {
    for (const auto pid : all_processes()) {
        const auto words = command_line(pid);
        if (is_qemu(words) && uuid_of(words) == uuid) {
            return pid;
        }
    }
    return std::nullopt;
}

} // namespace lab::adapters
