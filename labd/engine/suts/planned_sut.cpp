// SPDX-License-Identifier: Apache-2.0
#include "engine/suts/planned_sut.h"

#include "base/lasting_error.h"
#include "base/text.h"
#include "engine/suts/sut_link.h"

namespace lab::engine {
namespace {

constexpr Duration key_timeout = std::chrono::seconds(60);

StepResult host_key_of(Workshop& shop, const ports::Sut& sut, const std::stop_token& stop) {
    const auto shown = shop.deps.sessions.ask_host_key(endpoint_of(sut), key_timeout, stop);
    const auto host = plan::to_string(sut.address);
    if (shown.known == ports::KnownHost::changed) {
        throw LastingError(
            host + ": its host key is not the one in your known_hosts (shown: " +
                shown.fingerprint + ")",
            "Another machine answers there, or it was reinstalled: correct known_hosts if "
            "you trust it.");
    }
    if (shown.known == ports::KnownHost::no) {
        throw LastingError(host + ": its host key is not known (shown: " + shown.fingerprint + ")",
                           "pin it, on purpose: lab sut add NAME --host " + sut.address.host);
    }
    return {{{"host_key", shown.text}, {"fingerprint", shown.fingerprint}}, shown.fingerprint};
}

} // namespace

ports::Sut added_sut(ports::SutStore& suts, const std::string& name) {
    if (auto sut = ports::find_sut(suts, name)) {
        return *std::move(sut);
    }
    throw Error(ErrorCode::not_found,
                cap(escape_for_terminal(name), 80) + ": no machine of that name was added",
                "see: lab sut list");
}

ports::Sut planned_sut(Workshop& shop, JobContext& job, const plan::PlanSut& sut,
                       const std::stop_token& stop) {
    if (!sut.address) {
        return added_sut(shop.deps.suts, sut.name);
    }
    for (auto& added : shop.deps.suts.suts()) {
        if (added.address.host == sut.address->host && added.address.port == sut.address->port) {
            const auto& [host, user, port, key] = *sut.address;
            added.address.user = user.empty() ? added.address.user : user;
            added.address.key = key.empty() ? added.address.key : key;
            return added;
        }
    }
    ports::Sut unknown;
    unknown.name = sut.name;
    unknown.address = *sut.address;
    const auto key =
        job.step("sut/host-key", stop, [&] { return host_key_of(shop, unknown, stop); });
    unknown.host_key = key.at("host_key");
    unknown.fingerprint = key.at("fingerprint");
    return unknown;
}

} // namespace lab::engine
