// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/units.h"
#include "ports/guest_session.h"
#include "ports/tree_store.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lab::ports {

/// Where a container finds what it is given.
struct ContainerPlaces {
    static constexpr const char* build = "/lab/build"; ///< a build
    static constexpr const char* root = "/lab/root";   ///< what a build is installed into
    static constexpr const char* input = "/lab/in";    ///< Workspace::input(), read-only
    static constexpr const char* output = "/lab/out";  ///< Workspace::output()
};

/// What a container is made of; all trees are below the directory of the TreeStore.
struct ContainerSpec {
    TreeLease root;                              ///< its root, read-only
    std::vector<TreeLease> layers;               ///< of what it writes over, the nearest first
    std::string target = ContainerPlaces::build; ///< where it finds that
    std::vector<TreeLease> build = {}; ///< layers of a build that it only reads, at its place
    std::shared_ptr<const Workspace> workspace;
    Bytes memory;    ///< of each of its processes
    Bytes file_size; ///< of each file that it writes
};

/// Whether this host can run containers.
struct ContainerSupport {
    bool works = false;
    std::string reason; ///< one sentence: why not, or how
    std::string fix;    ///< what to do; empty when they work
};

/// Runs commands of a machine's root on the kernel of this host, in namespaces of their own.
/// Thread-safe.
class Containers {
public:
    virtual ~Containers() = default;

    /// By running one; asked once, then remembered.
    [[nodiscard]] virtual ContainerSupport support() = 0;

    /// A session each of whose commands is a container of its own over the same files. When the
    /// command ends, or its time limit, or labd, nothing of it is left running.
    [[nodiscard]] virtual std::unique_ptr<GuestSession> open(const ContainerSpec& spec) = 0;
};

} // namespace lab::ports
