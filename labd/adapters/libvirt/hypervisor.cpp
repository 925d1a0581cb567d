// SPDX-License-Identifier: Apache-2.0
#include "adapters/libvirt/hypervisor.h"

#include "adapters/libvirt/domain_xml.h"
#include "adapters/libvirt/embedded_root.h"
#include "adapters/libvirt/event_loop.h"
#include "adapters/libvirt/kvm_probe.h"
#include "adapters/libvirt/leftovers.h"
#include "adapters/libvirt/libvirt_error.h"
#include "adapters/libvirt/port_forward.h"
#include "adapters/libvirt/qemu_process.h"
#include "base/handle.h"
#include "base/log.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <mutex>
#include <optional>
#include <sys/resource.h>

namespace lab::adapters {
namespace {

using Connection = Handle<virConnect, virConnectClose>;
using Domain = Handle<virDomain, virDomainFree>; // frees the handle only; the guest keeps running

void free_text(char* text) {
    std::free(text);
}
using Text = Handle<char, free_text>;

/// A list that libvirt allocated, with its domains.
class DomainList {
public:
    explicit DomainList(virConnect* connection)
        : count_(virConnectListAllDomains(connection, &domains_, 0)) {
        if (count_ < 0) {
            throw libvirt_error("list domains", "libvirt");
        }
    }

    DomainList(const DomainList&) = delete;
    DomainList& operator=(const DomainList&) = delete;

    ~DomainList() {
        for (int index = 0; index < count_; ++index) {
            virDomainFree(domains_[index]);
        }
        std::free(domains_);
    }

    [[nodiscard]] virDomain** begin() const { return domains_; }
    [[nodiscard]] virDomain** end() const { return domains_ + count_; }

private:
    virDomain** domains_ = nullptr;
    int count_ = 0;
};

std::string version_text(unsigned long version) {
    return std::to_string(version / 1000000) + "." + std::to_string(version / 1000 % 1000) + "." +
           std::to_string(version % 1000);
}

class LibvirtHypervisor : public ports::Hypervisor {
public:
    explicit LibvirtHypervisor(const LibvirtOptions& options)
        : options_(options), embedded_(options.uri.empty()), loop_(EventLoop::shared()) {
        uri_ = embedded_ ? prepare_embedded_root(options_.state_dir / "e") : options_.uri;
        if (embedded_ && options_.keep) {
            end_leftovers(options_.state_dir / "e", *options_.keep);
        }
        connection_.reset(virConnectOpen(uri_.c_str()));
        if (!connection_) {
            throw libvirt_error("connect", uri_);
        }
        if (embedded_) {
            remove_old_logs();
        }
    }

    void start(const ports::MachineSpec& spec) override {
        const auto xml = domain_xml(spec, accelerator().accelerator);
        const Domain domain(
            virDomainCreateXML(connection_.get(), xml.c_str(), VIR_DOMAIN_START_VALIDATE));
        if (!domain) {
            throw libvirt_error("start", spec.name);
        }
        if (spec.largest_file) {
            limit_files(spec.uuid, *spec.largest_file);
        }
        log_->info("instance started uuid={} name={}", spec.uuid, spec.name);
    }

    ports::MachineState state(const std::string& uuid) override {
        const auto domain = find(uuid);
        int state = 0;
        int reason = 0;
        if (!domain || virDomainGetState(domain.get(), &state, &reason, 0) != 0) {
            if (last_error_is_no_domain()) {
                return ports::MachineState::gone;
            }
            throw libvirt_error("ask the state of", uuid);
        }
        if (state == VIR_DOMAIN_PAUSED && reason == VIR_DOMAIN_PAUSED_IOERROR) {
            throw Error(ErrorCode::infra, uuid + ": paused, because a disk of the host failed",
                        "Look for a full file system below the lab's image directory.");
        }
        return to_machine_state(state);
    }

    void destroy(const std::string& uuid) override {
        const auto domain = find(uuid);
        if (!domain && last_error_is_no_domain()) {
            return;
        }
        if (!domain || virDomainDestroy(domain.get()) != 0) {
            // It may have ended by itself in between.
            auto error = libvirt_error("destroy", uuid);
            if (state(uuid) != ports::MachineState::gone) {
                throw error;
            }
        }
        log_->info("instance destroyed uuid={}", uuid);
    }

    std::vector<std::string> list() override {
        std::vector<std::string> uuids;
        for (virDomain* const domain : DomainList(connection_.get())) {
            const std::string_view name = virDomainGetName(domain);
            std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
            if (name.starts_with(domain_prefix) &&
                virDomainGetUUIDString(domain, uuid.data()) == 0) {
                uuids.emplace_back(uuid.data());
            }
        }
        return uuids;
    }

    std::uint16_t forward_port(const std::string& uuid, std::uint16_t guest_port) override {
        const auto domain = find_or_throw(uuid, "forward a port of");
        const auto monitor = [&](const std::string& command) {
            return ask_monitor(domain.get(), command);
        };
        return forward_by_monitor(monitor, uuid, guest_port);
    }

    void suspend(const std::string& uuid) override {
        const auto domain = find_or_throw(uuid, "suspend");
        if (virDomainSuspend(domain.get()) != 0) {
            throw libvirt_error("suspend", uuid);
        }
    }

    void resume(const std::string& uuid) override {
        const auto domain = find_or_throw(uuid, "resume");
        // libvirt refuses to resume what runs; for the caller that is the wished-for state.
        if (virDomainResume(domain.get()) != 0) {
            auto error = libvirt_error("resume", uuid);
            if (state(uuid) != ports::MachineState::running) {
                throw error;
            }
        }
    }

    ports::HypervisorInfo describe() override {
        auto info = accelerator();
        info.uri = uri_;
        unsigned long library = 0;
        unsigned long hypervisor = 0;
        if (virConnectGetLibVersion(connection_.get(), &library) != 0 ||
            virConnectGetVersion(connection_.get(), &hypervisor) != 0) {
            throw libvirt_error("ask for the version", uri_);
        }
        const std::string type = virConnectGetType(connection_.get());
        info.version =
            "libvirt " + version_text(library) + ", " + type + " " + version_text(hypervisor);
        return info;
    }

private:
    static ports::MachineState to_machine_state(int state) {
        switch (state) {
        case VIR_DOMAIN_PAUSED:
        case VIR_DOMAIN_PMSUSPENDED:
            return ports::MachineState::paused;
        case VIR_DOMAIN_SHUTOFF:
        case VIR_DOMAIN_CRASHED:
            return ports::MachineState::stopped;
        default:
            return ports::MachineState::running;
        }
    }

    /// Null (with libvirt's error set) when there is none.
    [[nodiscard]] Domain find(const std::string& uuid) const {
        return Domain(virDomainLookupByUUIDString(connection_.get(), uuid.c_str()));
    }

    [[nodiscard]] Domain find_or_throw(const std::string& uuid, const std::string& verb) const {
        auto domain = find(uuid);
        if (!domain) {
            throw libvirt_error(verb, uuid);
        }
        return domain;
    }

    static std::string ask_monitor(virDomain* domain, const std::string& command) {
        char* reply = nullptr;
        const int result = virDomainQemuMonitorCommand(domain, command.c_str(), &reply,
                                                       VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP);
        const Text text(reply);
        if (result != 0 || !text) {
            throw libvirt_error("use QEMU's monitor", virDomainGetName(domain));
        }
        return text.get();
    }

    /// What guests run on; found out once.
    [[nodiscard]] ports::HypervisorInfo accelerator() {
        const std::lock_guard lock(mutex_);
        if (!accelerator_) {
            accelerator_ = choose_accelerator();
            log_->info("accelerator chosen accelerator={} reason={}", accelerator_->accelerator,
                       accelerator_->reason);
        }
        return *accelerator_;
    }

    [[nodiscard]] ports::HypervisorInfo choose_accelerator() const {
        ports::HypervisorInfo info;
        info.accelerator = "tcg";
        if (options_.accelerator != Accelerator::automatic) {
            info.accelerator = options_.accelerator == Accelerator::kvm ? "kvm" : "tcg";
            info.reason = "The configuration says " + info.accelerator + ".";
            return info;
        }
        if (!uses_this_host(uri_)) {
            info.reason = "KVM of another host cannot be tried from here.";
            info.fix = "Set the accelerator to kvm in the configuration if that host has it.";
            return info;
        }
        KvmProbe probe;
        probe.directory = options_.state_dir;
        const auto answer = probe_kvm(probe);
        info.accelerator = answer.usable ? "kvm" : "tcg";
        info.reason = answer.reason;
        info.fix = answer.fix;
        return info;
    }

    /// The kernel keeps to it also when this process is gone. A net below those that look.
    void limit_files(const std::string& uuid, Bytes largest) const {
        const auto qemu = find_qemu(uuid);
        rlimit limit{};
        bool limited = qemu && ::prlimit(*qemu, RLIMIT_FSIZE, nullptr, &limit) == 0;
        limit.rlim_max = std::min<rlim_t>(limit.rlim_max, largest.count);
        limit.rlim_cur = limit.rlim_max;
        limited = limited && ::prlimit(*qemu, RLIMIT_FSIZE, &limit, nullptr) == 0;
        if (!limited) {
            log_->warn("the files of an instance are not limited uuid={}", uuid);
        }
    }

    /// libvirt leaves one log file an instance behind.
    void remove_old_logs() const {
        std::vector<std::string> names;
        for (virDomain* const domain : DomainList(connection_.get())) {
            names.emplace_back(virDomainGetName(domain));
        }
        remove_logs_except(options_.state_dir / "e", names);
    }

    LibvirtOptions options_;
    bool embedded_;
    std::string uri_;
    std::shared_ptr<EventLoop> loop_; // before the connection: it must outlive it
    Connection connection_;
    std::mutex mutex_;
    std::optional<ports::HypervisorInfo> accelerator_;
    std::shared_ptr<spdlog::logger> log_ = logger("libvirt");
};

} // namespace

std::unique_ptr<ports::Hypervisor> make_libvirt_hypervisor(const LibvirtOptions& options) {
    return std::make_unique<LibvirtHypervisor>(options);
}

} // namespace lab::adapters
