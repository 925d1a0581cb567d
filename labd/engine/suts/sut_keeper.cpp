// SPDX-License-Identifier: Apache-2.0
#include "engine/suts/sut_keeper.h"

#include "base/error.h"
#include "base/ids.h"
#include "base/text.h"
#include "engine/suts/planned_sut.h"
#include "engine/suts/sut_driver.h"
#include "plan/plan_fields.h"

namespace lab::engine {
namespace {

constexpr Duration answer_timeout = std::chrono::seconds(15);
constexpr Duration question_timeout = std::chrono::seconds(30);

void check_address(const plan::SshAddress& address) {
    const std::pair<const char*, const std::string*> words[] = {{"--host", &address.host},
                                                                {"--user", &address.user}};
    for (const auto& [option, text] : words) {
        const bool may_be_empty = text == &address.user;
        const auto problem =
            may_be_empty && text->empty() ? std::nullopt : plan::ssh_word_problem(*text);
        if (problem) {
            throw Error(ErrorCode::bad_input, std::string(option) + ": " + *problem);
        }
    }
    if (address.port && (*address.port == 0 || *address.port > 65535)) {
        throw Error(ErrorCode::bad_input, "--port: is out of range (1 to 65535)");
    }
    if (!address.key.empty() && !address.key.is_absolute()) {
        throw Error(ErrorCode::bad_input, "--keyfile: must be an absolute path");
    }
}

} // namespace

const char* to_string(SutUse use) noexcept {
    switch (use) {
    case SutUse::free:
        return "free";
    case SutUse::leased:
        return "leased";
    case SutUse::quarantined:
        break;
    }
    return "quarantined";
}

std::vector<SutStatus> SutKeeper::suts() {
    std::vector<SutStatus> all;
    for (auto& sut : deps_.suts.suts()) {
        const auto use = !sut.quarantine.empty()                 ? SutUse::quarantined
                         : locks_.is_held(lock_of_sut(sut.name)) ? SutUse::leased
                                                                 : SutUse::free;
        all.push_back({std::move(sut), use});
    }
    return all;
}

ports::HostKey SutKeeper::host_key(const plan::SshAddress& address) {
    check_address(address);
    ports::Sut sut;
    sut.address = address;
    return deps_.sessions.ask_host_key(endpoint_of(sut), answer_timeout, {});
}

void SutKeeper::add(const ports::Sut& sut) {
    if (!is_valid_name(sut.name)) {
        throw Error(ErrorCode::bad_input, "'" + cap(escape_for_terminal(sut.name), 64) +
                                              "': is not a machine's name (" + valid_name_rule +
                                              ")");
    }
    check_address(sut.address);
    if (ports::find_sut(deps_.suts, sut.name)) {
        throw Error(ErrorCode::conflict, sut.name + ": is there already",
                    "see: lab sut list; forget it: lab sut remove " + sut.name);
    }
    SutLink link(deps_.sessions, sut);
    link.open(answer_timeout, {});
    static_cast<void>(read_state(link, {}));
    deps_.suts.put_sut(sut);
}

Fingerprint SutKeeper::fingerprint(const std::string& name) {
    const auto sut = added_sut(deps_.suts, name);
    require_free(name);
    SutLink link(deps_.sessions, sut);
    link.open(answer_timeout, {});
    return read_fingerprint([&](const std::string& command) {
        return link.run({command, {}, question_timeout}, nullptr, {});
    });
}

void SutKeeper::remove(const std::string& name) {
    static_cast<void>(added_sut(deps_.suts, name));
    require_free(name);
    deps_.suts.remove_sut(name);
}

void SutKeeper::release(const std::string& name) {
    auto sut = added_sut(deps_.suts, name);
    if (sut.quarantine.empty()) {
        throw Error(ErrorCode::conflict, name + ": is not quarantined");
    }
    sut.quarantine.clear();
    deps_.suts.put_sut(sut);
}

void SutKeeper::require_free(const std::string& name) const {
    if (locks_.is_held(lock_of_sut(name))) {
        throw Error(ErrorCode::conflict, name + ": a job uses it",
                    "see: lab job list; it has one user at a time");
    }
}

} // namespace lab::engine
