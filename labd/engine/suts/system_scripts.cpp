// SPDX-License-Identifier: Apache-2.0
#include "engine/suts/system_scripts.h"

#include "base/text.h"
#include "engine/suts/boot_scripts.h"
#include "engine/suts/deploy_scripts.h"
#include "engine/suts/freebsd_scripts.h"

namespace lab::engine {
namespace {

std::string whole(const char* place_kernel) {
    return std::string(begin_kernel_script) + place_kernel + publish_kernel_script;
}

} // namespace

const SystemScripts* scripts_of(const std::string& system) {
    static const SystemScripts linux_scripts{whole(place_kernel_script), boot_once_script};
    static const SystemScripts freebsd_scripts{whole(place_freebsd_kernel_script),
                                               boot_freebsd_once_script};
    if (system == "Linux") {
        return &linux_scripts;
    }
    return system == "FreeBSD" ? &freebsd_scripts : nullptr;
}

std::string not_bootable_text(const std::string& system) {
    return "it runs " + cap(escape_for_terminal(system), 40) +
           ": only Linux and FreeBSD can be given a kernel or a command line";
}

} // namespace lab::engine
