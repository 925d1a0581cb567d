// SPDX-License-Identifier: Apache-2.0
#include "images/kernel_modules.h"

#include "base/error.h"
#include "base/text.h"

#include <algorithm>

namespace lab::images {
namespace {

/// "kernel/drivers/block/virtio-blk.ko.xz" -> "virtio_blk"
std::string module_name(std::string_view file) {
    const auto slash = file.rfind('/');
    std::string name(slash == std::string_view::npos ? file : file.substr(slash + 1));
    name = name.substr(0, name.find(".ko"));
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

} // namespace

struct KernelModules::Walk {
    std::vector<std::string> order;
    std::set<std::string> begun;
    std::set<std::string> done;
};

KernelModules::KernelModules(std::string_view dependencies, std::string_view builtin) {
    for (const auto& line : split(dependencies, '\n')) {
        const auto colon = line.find(':');
        if (colon == std::string::npos) {
            continue;
        }
        const auto file = line.substr(0, colon);
        file_of_[module_name(file)] = file;
        auto& needs = needs_[file];
        for (const auto& word : split(std::string_view(line).substr(colon + 1), ' ')) {
            if (!word.empty()) {
                needs.push_back(word);
            }
        }
    }
    for (const auto& line : split(builtin, '\n')) {
        if (!line.empty()) {
            builtin_.insert(module_name(line));
        }
    }
}

std::vector<std::string> KernelModules::load_order(const std::vector<std::string>& names) const {
    Walk walk;
    for (const auto& asked : names) {
        const auto name = module_name(asked);
        const auto found = file_of_.find(name);
        if (found != file_of_.end()) {
            append(found->second, walk);
        } else if (builtin_.count(name) == 0) {
            throw Error(ErrorCode::bad_input,
                        "root.modules: the kernel has no module '" + asked + "'");
        }
    }
    return walk.order;
}

void KernelModules::append(const std::string& file, Walk& walk) const {
    if (walk.done.count(file) != 0) {
        return;
    }
    if (!walk.begun.insert(file).second) {
        throw Error(ErrorCode::infra, file + ": modules.dep has a circle of dependencies");
    }
    const auto needs = needs_.find(file);
    if (needs != needs_.end()) {
        // depmod lists what must be inserted first at the end.
        std::for_each(needs->second.rbegin(), needs->second.rend(),
                      [&](const std::string& need) { append(need, walk); });
    }
    walk.done.insert(file);
    walk.order.push_back(file);
}

} // namespace lab::images
