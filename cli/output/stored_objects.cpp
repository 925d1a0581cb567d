// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "base/units.h"
#include "cli/output/stored_results.h"

namespace lab::cli {
namespace {

std::string or_none(const std::string& text) {
    return text.empty() ? "<none>" : text;
}

nlohmann::json or_null(const std::optional<std::int64_t>& number) {
    return number ? nlohmann::json(*number) : nlohmann::json();
}

std::string memory_text(const std::optional<std::int64_t>& bytes) {
    return bytes && *bytes >= 0 ? format_bytes({static_cast<std::uint64_t>(*bytes)}) : "<none>";
}

std::string params_text(const std::map<std::string, std::string>& params) {
    std::vector<std::string> parts;
    for (const auto& [name, value] : params) {
        parts.push_back(name + "=" + value);
    }
    return or_none(join(parts, " "));
}

} // namespace

Document suts_document(const std::vector<ports::SutRecord>& suts) {
    Document document{nlohmann::json::array(),
                      {{"ID", "Host Name", "Architecture", "CPUs", "Memory", "Vendor", "Product",
                        "Kernel Name", "Userspace"},
                       {}},
                      {}};
    for (const auto& sut : suts) {
        auto cpus = nlohmann::json::array();
        for (const auto& cpu : sut.cpus) {
            cpus.push_back({{"index", cpu.index}, {"description", cpu.description}});
        }
        document.data.push_back({{"id", sut.name},
                                 {"host_name", sut.host_name},
                                 {"architecture", sut.architecture},
                                 {"vendor_name", sut.vendor_name},
                                 {"product_name", sut.product_name},
                                 {"cpu_count", or_null(sut.cpu_count)},
                                 {"memory", or_null(sut.memory)},
                                 {"kernel_name", sut.kernel_name},
                                 {"userspace_name", sut.userspace_name},
                                 {"cpus", cpus}});
        document.ids.push_back(sut.name);
        document.table.rows.push_back({sut.name, or_none(sut.host_name), or_none(sut.architecture),
                                       sut.cpu_count ? std::to_string(*sut.cpu_count) : "<none>",
                                       memory_text(sut.memory), or_none(sut.vendor_name),
                                       or_none(sut.product_name), or_none(sut.kernel_name),
                                       or_none(sut.userspace_name)});
    }
    return document;
}

Document swprofiles_document(const std::vector<ports::SwprofileRecord>& profiles) {
    Document document{
        nlohmann::json::array(),
        {{"ID", "Kernel Name", "Kernel Git SHA", "Userspace", "cmdline", "sysctl", "bootscript"},
         {}},
        {}};
    for (const auto& profile : profiles) {
        document.data.push_back({{"id", profile.name},
                                 {"kernel_name", profile.kernel_name},
                                 {"kernel_git_sha", profile.kernel_git_sha},
                                 {"userspace_name", profile.userspace_name},
                                 {"cmdline", profile.cmdline},
                                 {"sysctl", profile.sysctl},
                                 {"bootscript", profile.bootscript}});
        document.ids.push_back(profile.name);
        document.table.rows.push_back(
            {profile.name, or_none(profile.kernel_name), or_none(profile.kernel_git_sha),
             or_none(profile.userspace_name), or_none(join(profile.cmdline, " ")),
             or_none(join(profile.sysctl, ", ")), or_none(join(profile.bootscript, "; "))});
    }
    return document;
}

Document benchmarks_document(const std::vector<ports::BenchmarkRecord>& benchmarks) {
    Document document{
        nlohmann::json::array(), {{"ID", "Suite", "Name", "Type", "Image", "Params"}, {}}, {}};
    for (const auto& benchmark : benchmarks) {
        document.data.push_back({{"id", benchmark.id()},
                                 {"suite", benchmark.suite},
                                 {"name", benchmark.name},
                                 {"type", benchmark.type},
                                 {"image", benchmark.image},
                                 {"params", benchmark.params},
                                 {"params_hash", benchmark.params_hash()}});
        document.ids.push_back(benchmark.id());
        document.table.rows.push_back({benchmark.id(), benchmark.suite, benchmark.name,
                                       or_none(benchmark.type), or_none(benchmark.image),
                                       params_text(benchmark.params)});
    }
    return document;
}

Document resultclasses_document(const std::vector<ports::ResultclassRecord>& resultclasses) {
    Document document{nlohmann::json::array(), {{"ID", "Benchmark", "Unit", "Better"}, {}}, {}};
    for (const auto& metric : resultclasses) {
        document.data.push_back({{"id", metric.name},
                                 {"benchmark", metric.benchmark},
                                 {"unit", metric.unit},
                                 {"better", ports::better_word(metric.better)}});
        document.ids.push_back(metric.name);
        document.table.rows.push_back({metric.name, metric.benchmark, or_none(metric.unit),
                                       ports::better_word(metric.better)});
    }
    return document;
}

} // namespace lab::cli
