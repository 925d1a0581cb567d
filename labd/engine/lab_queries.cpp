// SPDX-License-Identifier: Apache-2.0
#include "engine/lab_queries.h"

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/process.h"
#include "engine/budget.h"
#include "engine/catalog.h"
#include "engine/disk_space.h"
#include "engine/kept_images.h"
#include "plan/load.h"

#include <filesystem>
#include <unistd.h>

namespace lab::engine {
namespace {

DoctorCheck check_accelerator(const ports::HypervisorInfo& info) {
    return {"kvm", info.accelerator == "kvm" ? "ok" : "warn", info.reason, info.fix};
}

/// Whether builds can do without KVM, and what `runs_in: auto` makes of it.
DoctorCheck check_containers(const ports::ContainerSupport& support, bool kvm) {
    const std::string chosen =
        std::string("; runs_in: auto builds in a ") +
        (kvm || !support.works ? "virtual machine" : "container where the template permits it");
    return {"containers", support.works || kvm ? "ok" : "warn", support.reason + chosen,
            support.fix};
}

DoctorCheck check_program(const std::string& program, const std::string& package) {
    if (const auto found = find_program(program)) {
        return {program, "ok", found->string(), ""};
    }
    return {program, "fail", program + " is not installed", "apt-get install " + package};
}

DoctorCheck check_space(const std::filesystem::path& directory) {
    if (const auto problem = low_space(directory)) {
        return {"disk-space", "warn", *problem,
                "free at least " + format_bytes(enough_space) +
                    ", for example with 'lab image gc'"};
    }
    return {"disk-space", "ok", space_text(directory), ""};
}

DoctorCheck check_appliance_kernel() {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/boot", ignored)) {
        const auto name = entry.path().filename().string();
        if (name.starts_with("vmlinuz") && ::access(entry.path().c_str(), R_OK) == 0) {
            return {"appliance-kernel", "ok", "libguestfs can use " + entry.path().string(), ""};
        }
    }
    return {"appliance-kernel", "fail", "libguestfs finds no readable kernel in /boot",
            "apt-get install linux-image-cloud-amd64, and chmod 0644 /boot/vmlinuz-*"};
}

VmStatus status_of(const std::string& name, const char* kind, const std::string& machine) {
    VmStatus status;
    status.name = name;
    status.kind = kind;
    status.machine = machine;
    return status;
}

} // namespace

std::vector<VmStatus> LabQueries::vms(const ConfigText& config) {
    const auto lab = load_lab(config.path, config.text, deps_.template_dirs);
    std::vector<VmStatus> vms;
    const auto add = [&](VmStatus status, unsigned cpus, Bytes memory) {
        const auto key = deps_.roots.key_of({lab.templates.at(status.machine), deps_.keys});
        status.root = deps_.images.find(ports::ImageKind::root, key) ? "ready" : "missing";
        const auto running = users_.find(status.name);
        status.instance = running ? running->uuid : "";
        status.cpus = cpus;
        status.memory = memory;
        vms.push_back(status);
    };
    for (const auto& [name, vm] : lab.config.build_vms) {
        add(status_of(name, "build", vm.machine), vm.cpus, vm.memory);
    }
    for (const auto& [name, vm] : lab.config.test_vms) {
        add(status_of(name, "test", vm.machine), vm.cpus, vm.memory);
    }
    return vms;
}

void LabQueries::stop_vm(const std::string& name) {
    users_.stop(name);
}

VmAccess LabQueries::access(const std::string& name) {
    const auto row = users_.find(name);
    if (!row) {
        throw Error(ErrorCode::not_found, name + ": is not running", "lab vm start " + name);
    }
    const auto stored = nlohmann::json::parse(row->access_json);
    VmAccess access;
    access.session = stored.at("session");
    access.console_socket = stored.at("console_socket");
    access.console_log = stored.at("console_log");
    access.host = "127.0.0.1";
    access.user = "root";
    access.key = deps_.keys.user_key.string();
    if (access.session == "ssh") {
        access.port = stored.at("port");
        const auto known_hosts = std::filesystem::path(row->directory) / "known_hosts";
        write_file(known_hosts, "[127.0.0.1]:" + std::to_string(access.port) + " " +
                                    deps_.keys.host_public_key + "\n");
        access.known_hosts = known_hosts.string();
    }
    return access;
}

std::vector<TemplateInfo> LabQueries::templates(const ConfigText& config) {
    auto directories = deps_.template_dirs;
    if (!config.text.empty()) {
        const auto parsed = value_or_throw(plan::parse_config(config.text, config.path));
        directories.insert(directories.begin(), parsed.template_dirs.begin(),
                           parsed.template_dirs.end());
    }
    const Catalog catalog(directories);
    std::vector<TemplateInfo> templates;
    for (const auto& name : catalog.template_names()) {
        const auto one = catalog.find_template(name);
        templates.push_back({one.name, one.description, one.directory.string(), one.text,
                             one.recipes.has_value(), one.build_machine.has_value()});
    }
    return templates;
}

std::vector<ports::Image> LabQueries::images() {
    std::vector<ports::Image> images;
    for (const auto& image : deps_.images.list(std::nullopt)) {
        images.push_back(*image);
    }
    return images;
}

ports::GarbageReport LabQueries::collect(const Collection& collection) {
    ports::GarbageRequest request{collection.keep_at_most, {}, collection.dry_run};
    if (!collection.all) {
        request.keep =
            images_to_keep(images(), deps_.jobs.jobs({}), std::chrono::system_clock::now());
    }
    return deps_.images.collect(request);
}

std::vector<ports::VerifyResult> LabQueries::verify() {
    return deps_.images.verify({});
}

std::vector<DoctorCheck> LabQueries::doctor() {
    const auto info = deps_.hypervisor.describe();
    const auto budget = detect_budget();
    return {check_accelerator(info),
            check_containers(deps_.containers.support(), info.accelerator == "kvm"),
            {"hypervisor", "ok", info.version + " at " + info.uri, ""},
            check_program("qemu-img", "qemu-utils"),
            check_program("mmdebstrap", "mmdebstrap"),
            check_program("mke2fs", "e2fsprogs"),
            check_program("ssh", "openssh-client"),
            check_appliance_kernel(),
            check_space(deps_.state_dir),
            {"budget", "ok",
             std::to_string(budget.cpus) + " CPUs and " + format_bytes(budget.memory) +
                 " for instances, unless lab.yaml says otherwise",
             ""}};
}

} // namespace lab::engine
