// SPDX-License-Identifier: Apache-2.0
#include "cli/enter.h"

#include "base/argv.h"
#include "base/error.h"

#include <csignal>
#include <unistd.h>

namespace lab::cli {
namespace {

/// A path as the value of an ssh option: quoted against blanks, % escaped against its tokens.
std::string option_path(const std::string& path) {
    std::string out = "\"";
    for (const char c : path) {
        out += c == '%' ? "%%" : c == '"' ? "\\\"" : std::string(1, c);
    }
    return out + "\"";
}

} // namespace

std::vector<std::string> ssh_argv(const api::Access& access, const std::string& name,
                                  const std::string& command) {
    if (access.session != "ssh") {
        throw Error(ErrorCode::conflict, "VM " + name + ": has no SSH (its session is the console)",
                    "enter it with: lab vm console " + name);
    }
    std::vector<std::string> argv{
        "ssh", "-F", "/dev/null", "-i", access.key, "-p", std::to_string(access.port)};
    for (const auto& option :
         {std::string("IdentitiesOnly=yes"),
          "UserKnownHostsFile=" + option_path(access.known_hosts),
          std::string("GlobalKnownHostsFile=/dev/null"), std::string("StrictHostKeyChecking=yes"),
          std::string("BatchMode=yes"), std::string("ForwardAgent=no"),
          std::string("LogLevel=ERROR")}) {
        argv.emplace_back("-o");
        argv.push_back(option);
    }
    argv.emplace_back("--");
    argv.push_back(access.user + "@" + access.host);
    if (!command.empty()) {
        argv.push_back(command);
    }
    return argv;
}

void become(const std::vector<std::string>& argv) {
    std::vector<std::string> words = argv;
    auto pointers = pointers_to(words);
    std::signal(SIGPIPE, SIG_DFL);
    ::execvp(pointers[0], pointers.data());
    throw errno_error("run", argv.front());
}

} // namespace lab::cli
