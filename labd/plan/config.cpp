// SPDX-License-Identifier: Apache-2.0
#include "plan/load.h"
#include "plan/notifications_config.h"
#include "plan/suggestion.h"
#include "plan/yaml_fields.h"

#include "base/text.h"

#include <re2/re2.h>

namespace lab::plan {
namespace {

constexpr Range<unsigned> cpu_range{1, 256};
constexpr Range<unsigned> budget_cpu_range{1, 4096};
constexpr Range<Bytes> memory_range{mebibytes(64), gibibytes(4096)};

/// Reads lab.yaml; one object per text.
class ConfigReader {
public:
    explicit ConfigReader(Config& config) : config_(config) {}

    void read(YamlMap& map) {
        for (const auto& [name, field] : map.optional("sources").named()) {
            read_source(name, field);
        }
        for (const auto& [name, field] : map.optional("build_vms").named()) {
            read_build_vm(name, field);
        }
        for (const auto& [name, field] : map.optional("test_vms").named()) {
            read_test_vm(name, field);
        }
        map.optional("budget").map([&](YamlMap& budget) {
            config_.budget.cpus = budget.optional("cpus").number(budget_cpu_range);
            config_.budget.memory = budget.optional("memory").bytes(memory_range);
        });
        read_hypervisor(map.optional("hypervisor"));
        for (const auto& field : map.optional("templates").list()) {
            if (const auto path = read_path(field)) {
                config_.template_dirs.push_back(*path);
            }
        }
        config_.notifications =
            read_notifications(map.optional("notify"), config_.file.parent_path());
    }

private:
    [[nodiscard]] std::optional<std::filesystem::path> read_path(const YamlField& field) const {
        const auto path = field.path(config_.file.parent_path());
        // A trailing separator would make two spellings of one directory.
        const bool trailing = path && !path->has_filename() && path->has_relative_path();
        return trailing ? std::optional(path->parent_path()) : path;
    }

    void read_source(const std::string& name, const YamlField& field) {
        Source source{name, {}};
        field.map([&](YamlMap& map) {
            source.path = read_path(map.required("path")).value_or(std::filesystem::path());
        });
        config_.sources.emplace(name, std::move(source));
    }

    void read_build_vm(const std::string& name, const YamlField& field) {
        BuildVm vm;
        vm.name = name;
        field.map([&](YamlMap& map) {
            vm.machine = noted(vm.places, "machine", map.required("machine")).name().value_or("");
            vm.source = read_source_name(map.required("source"));
            vm.recipe = noted(vm.places, "recipe", map.required("recipe")).name().value_or("");
            vm.runs_in = map.optional("runs_in").one_of(runs_in_words()).value_or(vm.runs_in);
            vm.cpus = map.optional("cpus").number(cpu_range).value_or(vm.cpus);
            vm.memory = map.optional("memory").bytes(memory_range).value_or(vm.memory);
            vm.network =
                noted(vm.places, "outbound", map.optional("outbound")).one_of(outbound_words());
        });
        config_.build_vms.emplace(name, std::move(vm));
    }

    /// The field, its place noted.
    static YamlField noted(KeyPlaces& places, const char* key, YamlField field) {
        places[key] = field.place();
        return field;
    }

    [[nodiscard]] std::string read_source_name(const YamlField& field) const {
        auto name = field.name().value_or("");
        if (name.empty() || config_.sources.contains(name)) {
            return name;
        }
        std::vector<std::string> known;
        for (const auto& [each, source] : config_.sources) {
            known.push_back(each);
        }
        const auto near = nearest_word(name, known);
        field.report("there is no source '" + name + "' (" +
                     (near.empty() ? "" : "did you mean '" + near + "'? ") +
                     (known.empty() ? "'sources' is empty" : "known: " + join(known, ", ")) + ")");
        return name;
    }

    void read_test_vm(const std::string& name, const YamlField& field) {
        if (config_.build_vms.contains(name)) {
            field.report("a build VM has this name (names of VMs are unique)");
        }
        TestVm vm;
        vm.name = name;
        field.map([&](YamlMap& map) {
            vm.machine = noted(vm.places, "machine", map.required("machine")).name().value_or("");
            vm.cpus = map.optional("cpus").number(cpu_range).value_or(vm.cpus);
            vm.memory = map.optional("memory").bytes(memory_range).value_or(vm.memory);
            vm.cmdline = map.optional("cmdline").line().value_or("");
            vm.network =
                noted(vm.places, "outbound", map.optional("outbound")).one_of(outbound_words());
        });
        config_.test_vms.emplace(name, std::move(vm));
    }

    void read_hypervisor(const YamlField& field) {
        const auto uri = field.line();
        if (!uri) {
            return;
        }
        static const RE2 form("[a-z][a-z0-9+.-]*://[!-~]+");
        if (!RE2::FullMatch(*uri, form)) {
            field.report("'" + cap(*uri, 64) +
                         "' is not a libvirt URI (for example qemu:///system)");
            return;
        }
        config_.hypervisor = *uri;
    }

    Config& config_;
};

} // namespace

Parsed<Config> parse_config(const std::string& text, const std::filesystem::path& file) {
    Problems problems(file.filename().string());
    Config config;
    config.file = file;
    config.text = text;
    read_map(text, problems, [&](YamlMap& map) { ConfigReader(config).read(map); });
    if (!problems.empty()) {
        return Unexpected{problems.take()};
    }
    return config;
}

} // namespace lab::plan
