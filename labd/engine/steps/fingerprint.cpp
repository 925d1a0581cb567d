// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/fingerprint.h"

#include "base/characters.h"
#include "base/text.h"

#include <algorithm>
#include <charconv>

namespace lab::engine {
namespace {

constexpr std::size_t longest_value = 4096;
constexpr std::size_t most_cpus = 4096;
constexpr std::size_t most_facts = 64;

/// Foreign text as a result store takes it.
std::string cleaned(std::string_view text) {
    auto value = to_valid_utf8(std::string(trim(text)));
    std::replace_if(value.begin(), value.end(), is_control, ' ');
    return cap(std::string(trim(value)), longest_value);
}

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto value = trim(text);
    const auto result = std::from_chars(value.data(), value.data() + value.size(), number);
    return result.ec == std::errc() && number > 0 ? std::optional(number) : std::nullopt;
}

/// Splits at the first separator; nothing without one.
std::optional<std::pair<std::string, std::string>> fact_of(const std::string& line,
                                                           char separator) {
    const auto at = line.find(separator);
    if (at == std::string::npos) {
        return std::nullopt;
    }
    return std::pair(cleaned(line.substr(0, at)), cleaned(line.substr(at + 1)));
}

class Reader {
public:
    explicit Reader(const RunOnMachine& run) : run_(run) {}

    Fingerprint read() {
        auto& machine = made_.hardware;
        machine.host_name = line("uname -n");
        machine.architecture = line("uname -m");
        const auto system = line("uname -s");
        const auto release = line("uname -r");
        made_.kernel_name = cleaned(system + " " + release);
        if (system == "FreeBSD") {
            read_freebsd();
        } else {
            read_linux();
        }
        read_os_release();
        return std::move(made_);
    }

private:
    /// What a command printed; empty when it failed or printed too much.
    std::string text(const std::string& command) const {
        const auto result = run_(command);
        const bool fine = result.end == ports::CommandEnd::exited && result.exit_code == 0 &&
                          result.dropped_bytes == 0;
        return fine ? result.output : std::string();
    }

    std::string line(const std::string& command) const {
        const auto all = text(command);
        return cleaned(all.substr(0, all.find('\n')));
    }

    void read_linux() {
        auto& machine = made_.hardware;
        machine.vendor_name = line("cat /sys/class/dmi/id/sys_vendor");
        machine.product_name = line("cat /sys/class/dmi/id/product_name");
        read_cpuinfo(text("cat /proc/cpuinfo"));
        for (const auto& row : split(text("cat /proc/meminfo"), '\n')) {
            const auto fact = fact_of(row, ':');
            if (fact && fact->first == "MemTotal") {
                const auto kibibytes = number_in(fact->second);
                machine.memory = kibibytes ? std::optional(*kibibytes * 1024) : std::nullopt;
            }
        }
    }

    /// One block of "name : value" lines a processor.
    void read_cpuinfo(const std::string& text) {
        auto& cpus = made_.hardware.cpus;
        for (const auto& row : split(text, '\n')) {
            const auto fact = fact_of(row, ':');
            if (!fact) {
                continue;
            }
            if (fact->first == "processor" && cpus.size() < most_cpus) {
                cpus.push_back({static_cast<std::int64_t>(cpus.size()), {}});
            } else if (!cpus.empty() && cpus.back().description.size() < most_facts &&
                       !changes_all_the_time(fact->first)) {
                cpus.back().description.insert(*fact);
            }
        }
        if (!cpus.empty()) {
            made_.hardware.cpu_count = static_cast<std::int64_t>(cpus.size());
        }
    }

    static bool changes_all_the_time(const std::string& name) {
        return name == "cpu MHz" || name == "bogomips" || name == "BogoMIPS";
    }

    void read_freebsd() {
        auto& machine = made_.hardware;
        machine.vendor_name = line("kenv smbios.system.maker");
        machine.product_name = line("kenv smbios.system.product");
        machine.memory = number_in(line("sysctl -n hw.physmem"));
        machine.cpu_count = number_in(line("sysctl -n hw.ncpu"));
        const auto model = line("sysctl -n hw.model");
        const auto count = std::min<std::int64_t>(machine.cpu_count.value_or(0), most_cpus);
        for (std::int64_t index = 0; index < count; ++index) {
            machine.cpus.push_back({index, {{"model name", model}}});
        }
    }

    void read_os_release() {
        for (const auto& row : split(text("cat /etc/os-release"), '\n')) {
            auto fact = fact_of(row, '=');
            if (fact && fact->first == "PRETTY_NAME") {
                std::erase(fact->second, '"');
                made_.userspace_name = fact->second;
            }
        }
    }

    const RunOnMachine& run_;
    Fingerprint made_;
};

template <class T>
void set(nlohmann::json& json, const char* name, const std::optional<T>& value) {
    if (value) {
        json[name] = *value;
    }
}

std::optional<std::int64_t> number_at(const nlohmann::json& json, const char* name) {
    return json.contains(name) ? std::optional(json.at(name).get<std::int64_t>()) : std::nullopt;
}

} // namespace

nlohmann::json to_json(const Fingerprint& fingerprint) {
    const auto& machine = fingerprint.hardware;
    auto cpus = nlohmann::json::array();
    for (const auto& cpu : machine.cpus) {
        cpus.push_back(cpu.description);
    }
    nlohmann::json json{{"host_name", machine.host_name},
                        {"architecture", machine.architecture},
                        {"vendor_name", machine.vendor_name},
                        {"product_name", machine.product_name},
                        {"kernel_name", fingerprint.kernel_name},
                        {"userspace_name", fingerprint.userspace_name},
                        {"cpus", std::move(cpus)}};
    set(json, "cpu_count", machine.cpu_count);
    set(json, "memory", machine.memory);
    return json;
}

Fingerprint fingerprint_from(const nlohmann::json& json) {
    Fingerprint made;
    made.hardware.host_name = json.at("host_name");
    made.hardware.architecture = json.at("architecture");
    made.hardware.vendor_name = json.at("vendor_name");
    made.hardware.product_name = json.at("product_name");
    made.hardware.cpu_count = number_at(json, "cpu_count");
    made.hardware.memory = number_at(json, "memory");
    for (const auto& cpu : json.at("cpus")) {
        made.hardware.cpus.push_back({static_cast<std::int64_t>(made.hardware.cpus.size()), cpu});
    }
    made.kernel_name = json.at("kernel_name");
    made.userspace_name = json.at("userspace_name");
    return made;
}

Fingerprint read_fingerprint(const RunOnMachine& run) {
    return Reader(run).read();
}

} // namespace lab::engine
