// SPDX-License-Identifier: Apache-2.0
#include "adapters/libvirt/leftovers.h"

#include "adapters/libvirt/domain_xml.h"
#include "adapters/libvirt/qemu_process.h"
#include "base/process_table.h"

#include <algorithm>

namespace lab::adapters {
namespace {

namespace fs = std::filesystem;

/// A QEMU whose command line names files below the root.
struct Qemu {
    pid_t pid = 0;
    std::vector<std::string> words;
};

bool is_qemu_of(const std::vector<std::string>& words, const std::string& directory) {
    return is_qemu(words) && std::any_of(words.begin(), words.end(), [&](const std::string& word) {
               return word.find(directory) != std::string::npos;
           });
}

std::vector<Qemu> find_all(const std::string& directory) {
    std::vector<Qemu> found;
    for (const auto pid : all_processes()) {
        auto words = command_line(pid);
        if (is_qemu_of(words, directory)) {
            found.push_back({pid, std::move(words)});
        }
    }
    return found;
}

bool is_kept(const Qemu& qemu, const std::vector<std::string>& keep) {
    return std::find(keep.begin(), keep.end(), uuid_of(qemu.words)) != keep.end();
}

/// Whether a kept QEMU uses the file or directory, or is called like it (`<name>.xml`, `.pid`).
bool is_used(const fs::path& path, const std::vector<Qemu>& kept) {
    const auto guest = "guest=" + path.stem().string() + ",";
    return std::any_of(kept.begin(), kept.end(), [&](const Qemu& qemu) {
        return std::any_of(qemu.words.begin(), qemu.words.end(), [&](const std::string& word) {
            return word.starts_with(guest) || word.find(path.string() + "/") != std::string::npos;
        });
    });
}

void forget(const fs::path& root, const std::vector<Qemu>& kept) {
    for (const auto& directory : {root / "run" / "qemu", root / "lib" / "qemu"}) {
        std::error_code ignored; // what stays is met again at the next start
        for (const auto& entry : fs::directory_iterator(directory, ignored)) {
            const auto name = entry.path().filename().string();
            const bool of_a_guest = name.starts_with(domain_prefix) ||
                                    name.starts_with("domain-") || name.starts_with("qmp-");
            if (of_a_guest && !is_used(entry.path(), kept)) {
                fs::remove_all(entry.path(), ignored);
            }
        }
    }
}

} // namespace

void end_leftovers(const fs::path& root, const std::vector<std::string>& keep) {
    std::vector<Qemu> kept;
    for (const auto& qemu : find_all((root / "lib" / "qemu").string() + "/")) {
        if (is_kept(qemu, keep)) {
            kept.push_back(qemu);
        } else {
            end_process(
                qemu.pid, [&] { return command_line(qemu.pid) == qemu.words; }, "a QEMU");
        }
    }
    forget(root, kept);
}

} // namespace lab::adapters
