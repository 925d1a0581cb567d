// SPDX-License-Identifier: Apache-2.0
#include "base/host.h"

#include "base/text.h"

#include <array>
#include <fstream>
#include <sys/utsname.h>
#include <unistd.h>

namespace lab {

std::string host_name() {
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

std::string host_system() {
    struct utsname names {};
    ::uname(&names);
    return std::string(names.sysname) + " " + names.release + " " + names.machine;
}

std::string host_processor() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const auto colon = line.find(':');
        if (line.starts_with("model name") && colon != std::string::npos) {
            return cap(to_valid_utf8(trim(std::string_view(line).substr(colon + 1))), 200);
        }
    }
    return {};
}

} // namespace lab
