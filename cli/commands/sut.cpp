// SPDX-License-Identifier: Apache-2.0
// `lab sut`: machines that are reached by SSH.
#include "base/command_words.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/commands/commands.h"
#include "cli/confirm.h"
#include "cli/output/lists.h"
#include "cli/whole_number.h"

#include <filesystem>

namespace lab::cli {
namespace {

struct SutOptions {
    api::Sut sut;
    std::string power_cycle;
    std::string console;
    std::string boot_timeout;
};

std::vector<std::string> words_of(const char* option, const std::string& text) {
    if (text.empty()) {
        return {};
    }
    auto words = command_words(text);
    if (!words) {
        throw Error(ErrorCode::bad_input, std::string(option) + ": " + words.error(),
                    "it is run without a shell: words between blanks, held together by quotes");
    }
    return *std::move(words);
}

api::Sut sut_of(const SutOptions& options) {
    auto sut = options.sut;
    if (!sut.keyfile.empty()) {
        sut.keyfile = std::filesystem::absolute(sut.keyfile).lexically_normal().string();
    }
    sut.power_cycle = words_of("--power-cycle", options.power_cycle);
    sut.console = words_of("--console", options.console);
    if (!options.boot_timeout.empty()) {
        const auto time = parse_duration(options.boot_timeout);
        if (!time) {
            throw Error(ErrorCode::bad_input,
                        "--boot-timeout: not a time (allowed: for example 90s, 10m)");
        }
        sut.boot_timeout = std::chrono::duration<double>(*time).count();
    }
    return sut;
}

std::string question(const std::string& name, const api::HostKey& key) {
    const auto known = key.known == "yes"       ? "your known_hosts has it"
                       : key.known == "changed" ? "your known_hosts has ANOTHER one"
                                                : "your known_hosts does not have it";
    const auto type = key.text.substr(0, key.text.find(' '));
    return name + " shows the host key " + escape_for_terminal(key.fingerprint) + " (" +
           escape_for_terminal(type) + "; " + known + "). Pin it?";
}

int add(Session& session, const SutOptions& options) {
    auto sut = sut_of(options);
    if (session.only_says("add " + sut.name + " at " + sut.host)) {
        return 0;
    }
    const api::SutClient suts(session.daemon());
    const auto key = suts.host_key(sut);
    confirm(session, question(sut.name, key));
    sut.host_key = key.text;
    sut.fingerprint = key.fingerprint;
    suts.add(sut);
    session.out().print(line_document(
        sut.name + ": added, host key " + sut.fingerprint,
        {{"name", sut.name}, {"host_key", sut.host_key}, {"fingerprint", sut.fingerprint}},
        sut.name));
    return 0;
}

int list_suts(Session& session) {
    session.out().print(suts_document(api::SutClient(session.daemon()).suts()));
    return 0;
}

int fingerprint(Session& session, const std::string& name) {
    session.out().print(fingerprint_document(api::SutClient(session.daemon()).fingerprint(name)));
    return 0;
}

/// What is done with a machine's name alone.
enum class SutAct { remove, release };

int act(Session& session, SutAct act, const std::string& name) {
    const bool removes = act == SutAct::remove;
    if (session.only_says((removes ? "forget " : "end the quarantine of ") + name)) {
        return 0;
    }
    const api::SutClient suts(session.daemon());
    if (removes) {
        suts.remove(name);
    } else {
        suts.release(name);
    }
    session.out().print(
        line_document(name + (removes ? ": forgotten" : ": released"), {{"name", name}}, name));
    return 0;
}

void add_name(CLI::App& part, std::string& name) {
    part.add_option("sut", name, "The machine")->required()->option_text("NAME");
}

void add_add(CLI::App& verb, Command& command) {
    auto* part = verb.add_subcommand("add", "Add a machine: pins its host key once");
    auto options = std::make_shared<SutOptions>();
    auto& sut = options->sut;
    add_name(*part, sut.name);
    part->add_option("--host", sut.host, "Name, address, or a Host of your ssh configuration")
        ->required()
        ->option_text("HOST");
    part->add_option("--user", sut.user, "Who logs in: root, or one with NOPASSWD in sudoers")
        ->option_text("USER");
    part->add_option("--port", sut.port, "Port of its sshd")
        ->option_text("PORT")
        ->check(whole_number(1, 65535));
    part->add_option("--keyfile", sut.keyfile, "Private key (default: your agent and keys)")
        ->option_text("FILE");
    part->add_option("--power-cycle", options->power_cycle,
                     "Command on this host that switches it off and on")
        ->option_text("COMMAND");
    part->add_option("--console", options->console, "Command on this host that prints its console")
        ->option_text("COMMAND");
    part->add_option("--boot-timeout", options->boot_timeout,
                     "Longest time from a reboot to SSH (default: 10m)")
        ->option_text("TIME");
    part->callback([&command, options] {
        command.action = [options](Session& session) {
            return add(session, *options);
        };
    });
}

void add_sut_act(CLI::App& verb, Command& command, SutAct which) {
    auto* part = verb.add_subcommand(which == SutAct::remove ? "remove" : "release",
                                     which == SutAct::remove
                                         ? "Forget a machine; nothing is changed on it"
                                         : "End the quarantine of a machine that is well again");
    auto name = std::make_shared<std::string>();
    add_name(*part, *name);
    part->callback([&command, name, which] {
        command.action = [name, which](Session& session) {
            return act(session, which, *name);
        };
    });
}

} // namespace

void add_sut(CLI::App& app, Command& command) {
    auto* verb = app.add_subcommand("sut", "Machines that are reached by SSH");
    verb->require_subcommand(1);
    add_add(*verb, command);
    verb->add_subcommand("list", "List machines and who may use them")->callback([&command] {
        command.action = list_suts;
    });
    auto* asking = verb->add_subcommand("fingerprint", "Show what a machine is");
    auto name = std::make_shared<std::string>();
    add_name(*asking, *name);
    asking->callback([&command, name] {
        command.action = [name](Session& session) {
            return fingerprint(session, *name);
        };
    });
    add_sut_act(*verb, command, SutAct::release);
    add_sut_act(*verb, command, SutAct::remove);
}

} // namespace lab::cli
