// SPDX-License-Identifier: Apache-2.0
#include "engine/catalog.h"

#include "base/files.h"
#include "base/ids.h"
#include "base/ownership.h"
#include "base/text.h"
#include "plan/benchmark_run.h"
#include "plan/load.h"
#include "plan/suggestion.h"

#include <algorithm>
#include <set>

namespace lab::engine {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> try_read(const fs::path& file) {
    try {
        return read_file(file, mebibytes(1));
    } catch (const Error&) {
        return std::nullopt;
    }
}

template <class Map>
const auto& find_or_throw(const Map& map, const std::string& name, const std::string& what) {
    const auto found = map.find(name);
    if (found != map.end()) {
        return found->second;
    }
    std::vector<std::string> names;
    for (const auto& [key, value] : map) {
        names.push_back(key);
    }
    const auto known = names.empty() ? "none is configured" : "there are: " + join(names, ", ");
    throw Error(ErrorCode::not_found,
                cap(escape_for_terminal(name), 80) + ": no such " + what + " (" + known + ")",
                "add it to lab.yaml or correct the name");
}

/// Templates bring scripts and name images of this host.
void refuse_foreign(const fs::path& directory) {
    std::error_code ignored;
    const auto problem =
        fs::exists(directory, ignored) ? who_else_may_change(directory) : std::nullopt;
    if (problem) {
        throw Error(ErrorCode::bad_input,
                    "lab.yaml: templates: " + quote_foreign(directory.string(), 300) + ": " +
                        *problem + " (allowed: what only you and root can change)");
    }
}

/// An error at the place of a machine's key in lab.yaml.
template <class Vm>
Error error_at(const Vm& vm, const std::string& key, const std::string& what) {
    const auto place = vm.places.find(key);
    return {ErrorCode::bad_input,
            (place == vm.places.end() ? vm.name + ": " + key : place->second) + ": " + what};
}

template <class Vm>
void check_network(const Vm& vm, const Lab& lab) {
    if (vm.network && lab.templates.at(vm.machine).network == plan::NetworkKind::none) {
        throw error_at(vm, "outbound",
                       "template " + vm.machine + " has no network (it needs network: user)");
    }
}

/// The templates that machines name, each read once.
class TemplateReader {
public:
    TemplateReader(const Catalog& catalog, std::map<std::string, plan::Template>& templates)
        : catalog_(catalog), templates_(templates) {}

    template <class Vm>
    const plan::Template& read(const Vm& vm, const std::string& key, const std::string& name) {
        const auto known = templates_.find(name);
        if (known != templates_.end()) {
            return known->second;
        }
        const auto names = catalog_.template_names();
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            const auto near = plan::nearest_word(name, names);
            throw error_at(vm, key,
                           "no such template: " + cap(escape_for_terminal(name), 80) + " (" +
                               (near.empty() ? "" : "did you mean " + near + "? ") +
                               "there are: " + join(names, ", ") + ")");
        }
        return templates_.emplace(name, catalog_.find_template(name)).first->second;
    }

private:
    const Catalog& catalog_;
    std::map<std::string, plan::Template>& templates_;
};

} // namespace

plan::Template Catalog::find_template(const std::string& name) const {
    for (const auto& directory : directories_) {
        const auto file = directory / name / "template.yaml";
        if (is_valid_name(name) && path_exists(file)) {
            return value_or_throw(plan::parse_template(read_file(file), file, try_read));
        }
    }
    throw Error(ErrorCode::not_found,
                cap(escape_for_terminal(name), 80) +
                    ": no such template (there are: " + join(template_names(), ", ") + ")",
                "see 'lab template list'");
}

plan::Benchmark Catalog::benchmark(const plan::Check& check) const {
    const auto& id = check.benchmark;
    const auto parts = split(id, '/');
    if (parts.size() != 2 || !is_valid_name(parts[0]) || !is_valid_name(parts[1])) {
        throw Error(ErrorCode::bad_input, "--bench " + cap(escape_for_terminal(id), 80) +
                                              ": is not a benchmark (must be suite/name)");
    }
    for (const auto& directory : directories_) {
        const auto file = directory / "benchmarks" / parts[0] / (parts[1] + ".yaml");
        if (path_exists(file)) {
            auto benchmark = value_or_throw(plan::with_params(
                value_or_throw(plan::parse_benchmark(read_file(file), file)), check.params));
            benchmark.clock = check.clock.value_or(benchmark.clock);
            benchmark.quiet = check.quiet.value_or(benchmark.quiet);
            return benchmark;
        }
    }
    throw Error(ErrorCode::not_found, "--bench " + id + ": no such benchmark",
                "benchmarks are files benchmarks/<suite>/<name>.yaml in a template directory");
}

std::vector<std::string> Catalog::template_names() const {
    std::set<std::string> names;
    for (const auto& directory : directories_) {
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator(directory, ignored)) {
            if (fs::exists(entry.path() / "template.yaml", ignored)) {
                names.insert(entry.path().filename().string());
            }
        }
    }
    return {names.begin(), names.end()};
}

const plan::BuildVm& Lab::build_vm(const std::string& name) const {
    return find_or_throw(config.build_vms, name, "build VM");
}

const plan::TestVm& Lab::test_vm(const std::string& name) const {
    return find_or_throw(config.test_vms, name, "test VM");
}

plan::Template Lab::machine_of(const std::string& vm) const {
    const auto with_network = [&](const auto& own) {
        auto machine = templates.at(own.machine);
        machine.network = own.network.value_or(machine.network);
        return machine;
    };
    const auto build = config.build_vms.find(vm);
    return build != config.build_vms.end() ? with_network(build->second)
                                           : with_network(test_vm(vm));
}

Catalog catalog_for(const plan::Config& config, const std::vector<fs::path>& shipped) {
    auto directories = config.template_dirs;
    directories.insert(directories.end(), shipped.begin(), shipped.end());
    return Catalog(directories);
}

Lab load_lab(const std::string& path, const std::string& text,
             const std::vector<fs::path>& shipped) {
    Lab lab;
    lab.config = value_or_throw(plan::parse_config(text, path));
    for (const auto& directory : lab.config.template_dirs) {
        refuse_foreign(directory);
    }
    const auto catalog = catalog_for(lab.config, shipped);
    TemplateReader templates(catalog, lab.templates);
    for (const auto& [name, vm] : lab.config.build_vms) {
        if (!templates.read(vm, "machine", vm.machine).build_machine) {
            throw error_at(vm, "machine",
                           "template " + vm.machine +
                               " cannot be a build machine (it has no build_machine)");
        }
        if (!templates.read(vm, "recipe", vm.recipe).recipes) {
            throw error_at(vm, "recipe",
                           "template " + vm.recipe + " has no build recipes (recipes)");
        }
        check_network(vm, lab);
    }
    for (const auto& [name, vm] : lab.config.test_vms) {
        static_cast<void>(templates.read(vm, "machine", vm.machine));
        check_network(vm, lab);
    }
    return lab;
}

} // namespace lab::engine
