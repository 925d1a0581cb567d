// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "ports/containers.h"

namespace lab::fakes {

/// A host on which containers do not work.
class NoContainers : public ports::Containers {
public:
    ports::ContainerSupport support() override {
        return {false, "crun is not installed", "apt-get install crun"};
    }

    std::unique_ptr<ports::GuestSession> open(const ports::ContainerSpec&) override {
        throw Error(ErrorCode::infra, "no containers");
    }
};

/// Trees that nobody can unpack.
class NoTrees : public ports::TreeStore {
public:
    ports::TreeLease unpack(const ports::Image&, const std::stop_token&) override {
        throw Error(ErrorCode::infra, "no trees");
    }

    std::unique_ptr<ports::Workspace> begin_workspace() override {
        throw Error(ErrorCode::infra, "no trees");
    }

    void pack(const ports::Workspace&, const std::filesystem::path&,
              const std::stop_token&) override {}
    void adopt(const ports::Workspace&, const ports::Image&) override {}
    void keep_only(const std::set<std::string>&) override {}
};

} // namespace lab::fakes
