// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "plan/load.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace lab::plan::test {

/// "where: message" of every diagnostic; none when there is a value.
template <class T>
std::vector<std::string> problems_of(const Parsed<T>& parsed) {
    std::vector<std::string> lines;
    if (!parsed) {
        for (const auto& diagnostic : parsed.error()) {
            lines.push_back(diagnostic.where + ": " + diagnostic.message);
        }
    }
    return lines;
}

/// `text` with the first `from` replaced by `to`; a test that names text which is not there fails.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at == std::string::npos) {
        ADD_FAILURE() << "the text does not hold: " << from;
        return text;
    }
    return text.replace(at, from.size(), to);
}

inline constexpr const char* valid_config = R"(# A lab.
sources:
  pebble: {path: repos/pebble}
  linux:
    path: /srv/linux/
build_vms:
  baarch64:
    machine: debian-12
    source: pebble
    recipe: pebble
    cpus: 2
    memory: 2GiB
test_vms:
  taarch64:
    machine: pebble
    cpus: 1
    memory: 256MiB
    cmdline: "quiet loglevel=3"
    outbound: true
budget: {cpus: 4, memory: 8GiB}
hypervisor: qemu:///system
templates: [more, /opt/templates]
)";

inline constexpr const char* valid_template = R"(name: debian-12
description: Debian 12 that builds.
root:
  recipe: debian
  size: 8GiB
  suite: bookworm
  packages: [gcc, make, g++-12]
  modules: [virtio_blk, ext4]
  init: files/lab-init
boot:
  method: direct
  kernel: root
  cmdline: "console=ttyS0"
  ready: "LAB-READY {nonce}"
  crash: ["Kernel panic", "^BUG: "]
  timeout: 2m
  silence: 60s
session: ssh
network: user
disk_device: "/dev/vd{letter}"
build_machine:
  build_begin: scripts/build-begin.sh
  build_end: scripts/build-end.sh
  install_begin: scripts/install-begin.sh
  install_end: scripts/install-end.sh
  container: true
recipes:
  machine: debian-12
  full: recipes/full.sh
  kernel: recipes/kernel.sh
  install: recipes/install.sh
  image_size: 2GiB
  build_timeout: 30m
  install_timeout: 10m
)";

inline constexpr const char* valid_benchmark = R"(suite: pebble
name: ioctl
description: Calls of the table device.
command: /bin/bench ioctl
timeout: 5m
warmups: 1
repeats: 3
sessions: 2
clock: instructions
resultclasses:
  - {name: ioctl-rate, unit: calls/s, better: higher}
  - {name: ioctl-time, unit: ns, better: lower}
)";

inline Parsed<Config> config_of(const std::string& text) {
    return parse_config(text, "/home/user/lab.yaml");
}

/// Reads a template whose files all exist and hold their own name.
inline Parsed<Template> template_of(const std::string& text) {
    return parse_template(text, "/t/debian-12/template.yaml",
                          [](const std::filesystem::path& path) { return path.string(); });
}

inline Parsed<Benchmark> benchmark_of(const std::string& text) {
    return parse_benchmark(text, "/t/benchmarks/pebble/ioctl.yaml");
}

} // namespace lab::plan::test
