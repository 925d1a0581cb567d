// SPDX-License-Identifier: Apache-2.0
#include "plan/plan_fields.h"

#include "base/text.h"
#include "plan/benchmark_fields.h"
#include "plan/ssh_address.h"

#include <re2/re2.h>

namespace lab::plan {
namespace {

constexpr Range<unsigned> port_range{1, 65535};

SshAddress read_address(YamlMap& map, const std::filesystem::path& directory) {
    SshAddress address;
    const auto host = map.required("host");
    const auto user = map.optional("user");
    address.host = host.line().value_or("");
    address.user = user.line().value_or("");
    for (const auto& [field, text] :
         {std::pair(&host, &address.host), std::pair(&user, &address.user)}) {
        const auto problem = text->empty() ? std::nullopt : ssh_word_problem(*text);
        if (problem) {
            field->report(*problem);
        }
    }
    address.port = map.optional("port").number(port_range);
    address.key = read_path(map.optional("keyfile"), directory);
    return address;
}

std::vector<std::string> lines_of(const YamlField& field) {
    std::vector<std::string> lines;
    for (const auto& item : field.list(most_plan_entries)) {
        lines.push_back(item.line().value_or(""));
    }
    return lines;
}

} // namespace

PlanSut read_sut(const YamlField& field, const std::filesystem::path& directory) {
    PlanSut sut;
    if (field.is_scalar()) {
        sut.name = field.name().value_or("");
        return sut;
    }
    field.map([&](YamlMap& map) {
        const auto name = map.optional("name");
        sut.name = name.line().value_or("");
        const auto connection = map.optional("connection");
        if (!connection.present() && !name.present()) {
            field.report("neither name nor connection (a test VM, or how to reach a machine)");
        }
        connection.map([&](YamlMap& keys) {
            static_cast<void>(keys.required("method").one_of(Words<int>{{"SSH", 0}}));
            keys.required("params").map(
                [&](YamlMap& params) { sut.address = read_address(params, directory); });
        });
    });
    if (sut.name.empty() && sut.address) {
        sut.name = sut.address->host;
    }
    return sut;
}

void read_settings(YamlMap& map, PlanProfile& profile) {
    profile.cmdline = lines_of(map.optional("cmdline"));
    profile.sysctl = lines_of(map.optional("sysctl"));
    profile.bootscript = lines_of(map.optional("bootscript"));
}

RunCounts read_defaults(const YamlField& field) {
    RunCounts counts;
    field.map([&](YamlMap& defaults) {
        defaults.optional("benchmark").map([&](YamlMap& keys) { counts = read_counts(keys); });
    });
    return counts;
}

std::filesystem::path read_path(const YamlField& field, const std::filesystem::path& directory) {
    return field.path(directory).value_or(std::filesystem::path());
}

std::optional<std::string> ssh_word_problem(const std::string& word) {
    if (is_ssh_word(word)) {
        return std::nullopt;
    }
    return "'" + cap(escape_for_terminal(word), 64) + "' is not allowed (" + ssh_word_rule + ")";
}

std::string read_sha(const YamlField& field) {
    static const RE2 hex("[0-9a-f]{7,64}");
    auto sha = field.line().value_or("");
    if (!sha.empty() && !RE2::FullMatch(sha, hex)) {
        field.report("'" + cap(sha, 64) + "' is not a commit (7 to 64 of 0-9 and a-f)");
    }
    return sha;
}

} // namespace lab::plan
