// SPDX-License-Identifier: Apache-2.0
#include "base/user_namespace.h"

#include "base/error.h"
#include "base/log.h"
#include "base/process.h"

#include <system_error>
#include <unistd.h>

namespace lab {

std::vector<std::string> as_file_owner(std::vector<std::string> argv) {
    // Here, because unshare looks in PATH only, where users seldom have administration tools.
    if (const auto program = find_program(argv.at(0))) {
        argv[0] = program->string();
    }
    if (::geteuid() != 0) {
        argv.insert(argv.begin(), {"unshare", "--user", "--map-root-user", "--map-users=auto",
                                   "--map-groups=auto", "--"});
    }
    return argv;
}

void remove_foreign_tree(const std::filesystem::path& tree) noexcept {
    std::error_code failed;
    std::filesystem::remove_all(tree, failed);
    if (!failed) {
        return;
    }
    try {
        run_process_checked({.argv = as_file_owner({"rm", "-rf", "--", tree.string()})});
    } catch (const Error& error) {
        logger("base")->warn("a directory could not be removed path={} cause={}", tree.string(),
                             error.what());
    }
}

} // namespace lab
