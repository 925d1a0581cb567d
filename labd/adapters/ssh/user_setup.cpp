// SPDX-License-Identifier: Apache-2.0
#include "adapters/ssh/user_setup.h"

#include "adapters/ssh/ssh_connection.h"
#include "base/command_words.h"
#include "base/lasting_error.h"

#include <array>
#include <cstdlib>
#include <map>
#include <pwd.h>
#include <unistd.h>

namespace lab::adapters {
namespace {

constexpr const char* system_configuration = "/etc/ssh/ssh_config";

std::string text_option(ssh_session session, ssh_options_e option) {
    char* value = nullptr;
    const bool there = ssh_options_get(session, option, &value) == SSH_OK;
    const SshText text(value);
    return there && text ? text.get() : "";
}

std::filesystem::path home_directory() {
    const char* home = std::getenv("HOME");
    return home != nullptr ? home : "/";
}

std::string login_name() {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> buffer{};
    ::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found);
    return found != nullptr ? entry.pw_name : "";
}

void set_text(ssh_session session, ssh_options_e option, const std::string& value) {
    if (ssh_options_set(session, option, value.c_str()) != SSH_OK) {
        throw ssh_error("libssh", "set an option", session);
    }
}

/// The tokens %h, %p, %r, %n and %% of ssh_config(5).
std::string expanded(const std::string& word, const std::string& asked,
                     const ports::SshEndpoint& real) {
    std::string text;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const char token = word[i] == '%' && i + 1 < word.size() ? word[i + 1] : ' ';
        const std::map<char, std::string> tokens{{'h', real.host},
                                                 {'p', std::to_string(real.port)},
                                                 {'r', real.user},
                                                 {'n', asked},
                                                 {'%', "%"}};
        const auto known = tokens.find(token);
        text += known == tokens.end() ? std::string(1, word[i]) : known->second;
        i += known == tokens.end() ? 0 : 1;
    }
    return text;
}

std::vector<std::string> proxy_words(const std::string& command, const std::string& asked,
                                     const ports::SshEndpoint& real) {
    auto words = command_words(command);
    if (!words) {
        throw LastingError(asked + ": ProxyCommand of the ssh configuration: " + words.error());
    }
    if (!words->empty() && words->front() == "exec") {
        words->erase(words->begin());
    }
    if (words->empty()) {
        throw LastingError(asked + ": ProxyCommand of the ssh configuration: is empty");
    }
    for (auto& word : *words) {
        word = expanded(word, asked, real);
    }
    return *words;
}

} // namespace

void take_user_setup(ssh_session session, const std::string& host) {
    const auto directory = home_directory() / ".ssh";
    const auto configuration = (directory / "config").string();
    set_text(session, SSH_OPTIONS_SSH_DIR, directory.string());
    set_text(session, SSH_OPTIONS_HOST, host);
    for (const char* file : {configuration.c_str(), system_configuration}) {
        if (::access(file, R_OK) == 0 && ssh_options_parse_config(session, file) != 0) {
            throw ssh_error(host, std::string("read ") + file, session);
        }
    }
}

Route route_to(const ports::SshEndpoint& endpoint) {
    Route route{endpoint};
    if (endpoint.user_setup == ports::UserSetup::ignored) {
        return route;
    }
    const SshHandle session(ssh_new());
    if (!session) {
        throw Error(ErrorCode::infra, "libssh: out of memory");
    }
    take_user_setup(session.get(), endpoint.host);
    auto& real = route.endpoint;
    real.host = text_option(session.get(), SSH_OPTIONS_HOST);
    unsigned port = 0;
    if (real.port == 0 && ssh_options_get_port(session.get(), &port) == SSH_OK) {
        real.port = static_cast<std::uint16_t>(port);
    }
    if (real.user.empty()) {
        real.user = text_option(session.get(), SSH_OPTIONS_USER);
    }
    if (real.user.empty()) {
        real.user = login_name();
    }
    // libssh makes a ProxyCommand of a ProxyJump.
    const auto proxy = text_option(session.get(), SSH_OPTIONS_PROXYCOMMAND);
    if (!proxy.empty() && proxy != "none") {
        route.proxy = proxy_words(proxy, endpoint.host, real);
    }
    return route;
}

} // namespace lab::adapters
