// SPDX-License-Identifier: Apache-2.0
#include "engine/suts/sut_link.h"

#include "base/error.h"
#include "base/text.h"
#include "engine/command_end.h"

namespace lab::engine {
namespace {

constexpr Duration quick = std::chrono::seconds(60);

} // namespace

Error trouble_on(const std::string& name, const std::string& what,
                 const ports::CommandResult& result) {
    if (result.output.find("No space left on device") != std::string::npos) {
        return {ErrorCode::infra, name + ": its disk is full (" + what + ")",
                "Free space there. Kernels of lab are in /boot/lab, what is being copied is in "
                "/var/lib/lab."};
    }
    return {ErrorCode::infra, name + ": " + what + ": " + how_it_ended(result)};
}

std::optional<std::string> line_of(const std::string& answer, const std::string& word) {
    for (const auto& line : split(answer, '\n')) {
        if (line.rfind(word + " ", 0) == 0) {
            return line.substr(word.size() + 1);
        }
    }
    return std::nullopt;
}

ports::SshEndpoint endpoint_of(const ports::Sut& sut) {
    ports::SshEndpoint endpoint;
    endpoint.host = sut.address.host;
    endpoint.port = static_cast<std::uint16_t>(sut.address.port.value_or(0));
    endpoint.user = sut.address.user;
    endpoint.key = sut.address.key;
    endpoint.host_key = sut.host_key;
    endpoint.user_setup = ports::UserSetup::used;
    return endpoint;
}

void SutLink::open(Duration timeout, const std::stop_token& stop) {
    session_.reset();
    session_ = sessions_.open_ssh(endpoint_, timeout, stop);
    check_root(stop);
}

void SutLink::check_root(const std::stop_token& stop) {
    const auto ask = [&](const char* command) {
        return session_->run({command, {}, quick}, nullptr, stop);
    };
    const auto id = ask("id -u");
    if (id.end != ports::CommandEnd::exited || id.exit_code != 0) {
        const auto error = trouble_on(name_, "id -u", id);
        session_.reset();
        throw error;
    }
    by_sudo_ = trim(id.output) != "0";
    if (!by_sudo_) {
        return;
    }
    const auto sudo = ask("sudo -n true");
    if (sudo.end != ports::CommandEnd::exited || sudo.exit_code != 0) {
        session_.reset();
        throw Error(ErrorCode::infra,
                    name_ + ": the user may not act as root: " + last_line(sudo.output),
                    "Log in as root, or let the user do it without a password: NOPASSWD in "
                    "sudoers.");
    }
}

ports::CommandResult SutLink::run(ports::GuestCommand command, const ports::OutputSink& sink,
                                  const std::stop_token& stop) {
    if (!session_) {
        ports::CommandResult none;
        none.end = ports::CommandEnd::disconnected;
        return none;
    }
    // Whatever shell the user has there.
    command.command = (by_sudo_ ? "sudo -n sh -c " : "sh -c ") + shell_quote(command.command);
    return session_->run(command, sink, stop);
}

std::string SutLink::run_script(const GuestScript& script, const ports::OutputSink& sink,
                                const std::stop_token& stop) {
    const auto result = run(command_of(script), sink, stop);
    if (result.end != ports::CommandEnd::exited || result.exit_code != 0) {
        throw trouble_on(name_, script.file.path, result);
    }
    return result.output;
}

} // namespace lab::engine
