// SPDX-License-Identifier: Apache-2.0
#include "engine/jobs/observation_json.h"

#include "base/error.h"
#include "base/json.h"

namespace lab::engine {
namespace {

using nlohmann::json;

struct Encode {
    json operator()(const core::Measured& found) const {
        return {{"finding", "measured"}, {"values", found.values}};
    }

    json operator()(const core::CommandExit& found) const {
        return {{"finding", "command_exit"},
                {"exit_code", found.exit_code},
                {"first_error", found.first_error}};
    }

    json operator()(const core::Booted&) const { return {{"finding", "booted"}}; }
    json operator()(const core::Built&) const { return {{"finding", "built"}}; }

    json operator()(const core::Unbuildable& found) const {
        return {{"finding", "unbuildable"}, {"reason", found.reason}};
    }

    json operator()(const core::BootFailure& found) const {
        return {
            {"finding", "boot_failure"}, {"signature", found.signature}, {"reason", found.reason}};
    }

    json operator()(const core::CheckFailed& found) const {
        return {{"finding", "check_failed"}, {"reason", found.reason}};
    }

    json operator()(const core::CannotMatter& found) const {
        auto list = json::array();
        for (const auto& commit : found.commits) {
            list.push_back(commit.hex());
        }
        return {{"finding", "cannot_matter"}, {"commits", list}};
    }

    json operator()(const core::Said& found) const {
        return {
            {"finding", "said"}, {"verdict", core::to_string(found.verdict)}, {"why", found.why}};
    }
};

core::Finding decode(const json& data) {
    const std::string finding = data.at("finding");
    if (finding == "measured") {
        return core::Measured{data.at("values")};
    }
    if (finding == "command_exit") {
        return core::CommandExit{data.at("exit_code"), data.value("first_error", "")};
    }
    if (finding == "booted") {
        return core::Booted{};
    }
    if (finding == "built") {
        return core::Built{};
    }
    if (finding == "unbuildable") {
        return core::Unbuildable{data.at("reason")};
    }
    if (finding == "boot_failure") {
        return core::BootFailure{data.at("signature"), data.at("reason")};
    }
    if (finding == "cannot_matter") {
        core::CannotMatter found;
        for (const auto& commit : data.at("commits")) {
            found.commits.emplace_back(commit.get<std::string>());
        }
        return found;
    }
    if (finding == "said") {
        return core::Said{core::verdict_from(data.at("verdict")).value_or(core::Verdict::skip),
                          data.value("why", "")};
    }
    return core::CheckFailed{data.at("reason")};
}

} // namespace

std::string to_json(const CostedObservation& costed) {
    auto data = std::visit(Encode{}, costed.observation.finding);
    data["commit"] = costed.observation.commit.hex();
    data["kind"] = core::to_string(costed.observation.kind);
    data["first"] = costed.observation.first;
    data["artefact"] = costed.observation.artefact;
    data["build_seconds"] = costed.build_seconds;
    data["test_seconds"] = costed.test_seconds;
    data["built_too"] = costed.built_too;
    data["replaced"] = costed.replaced.hex();
    return json_text(data);
}

CostedObservation observation_from(const std::string& text) {
    try {
        const auto data = json::parse(text);
        const auto kind = core::task_kind_from(data.at("kind"));
        if (!kind) {
            throw Error(ErrorCode::infra, "database: an observation has an unknown kind");
        }
        const auto replaced = data.value("replaced", "");
        return {{core::CommitId(data.at("commit").get<std::string>()), *kind, decode(data),
                 data.at("first"), data.at("artefact")},
                data.at("build_seconds"),
                data.at("test_seconds"),
                data.value("built_too", false),
                replaced.empty() ? core::CommitId() : core::CommitId(replaced),
                {}};
    } catch (const json::exception& error) {
        throw Error(ErrorCode::infra,
                    std::string("database: damaged observation: ") + error.what());
    }
}

} // namespace lab::engine
