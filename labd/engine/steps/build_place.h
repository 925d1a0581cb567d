// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/steps/build.h"

#include <map>
#include <memory>
#include <string>

namespace lab::engine {

/// Where recipes find a build, in machines and in containers.
inline constexpr const char* source_directory = "/lab/build/src";
inline constexpr const char* object_directory = "/lab/build/obj";

/// What one build works on; all of it outlives the place.
struct BuildSite {
    Workshop& shop;
    const BuildRequest& request;
    ports::ImageLease root;    ///< of the build machine
    ports::ImageLease nearest; ///< build that it is cloned from; null = from nothing
    ports::ImageDraft& draft;
};

/// Where one build happens: a virtual machine with the build on a disk, or a container with it in
/// layers. In this order: the delta is written, begin(), run() as often as need be, end(), and once
/// it is published, published(). For one thread.
class BuildPlace {
public:
    virtual ~BuildPlace() = default;

    /// File on this host that the source delta is to be written to.
    [[nodiscard]] virtual std::filesystem::path delta() const = 0;

    /// Has the machine's script bring the sources to the commit.
    /// @throws Error infra, Cancelled
    virtual void begin(const ports::OutputSink& sink, const std::stop_token& stop) = 0;

    /// What scripts are told here beside their own variables.
    [[nodiscard]] virtual std::map<std::string, std::string> environment() const = 0;

    [[nodiscard]] virtual ports::CommandResult run(const ports::GuestCommand& command,
                                                   const ports::OutputSink& sink,
                                                   const std::stop_token& stop) = 0;

    /// Lets go of the build; the draft holds it then.
    /// @throws Error infra, Cancelled
    virtual void end(const ports::OutputSink& sink, const std::stop_token& stop) = 0;

    virtual void published(const ports::Image& image) = 0;
};

/// @param share  of the host, for the machine.
[[nodiscard]] std::unique_ptr<BuildPlace> make_vm_place(const BuildSite& site, HostShare share);

/// @throws Error infra, Cancelled  when a layer cannot be unpacked.
[[nodiscard]] std::unique_ptr<BuildPlace>
make_container_place(const BuildSite& site, HostShare share, const std::stop_token& stop);

/// The build machine without its disks.
[[nodiscard]] MachineRequest build_machine(const BuildRequest& request,
                                           const ports::ImageLease& root);

/// What the machine's script before a build is told.
[[nodiscard]] std::map<std::string, std::string> begin_environment(const BuildSite& site,
                                                                   const std::string& build_disk,
                                                                   const std::string& delta_disk);

} // namespace lab::engine
