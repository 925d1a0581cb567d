// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/dependencies.h"
#include "engine/key_locks.h"
#include "engine/sut_service.h"

namespace lab::engine {

/// SutService on the real parts.
class SutKeeper final : public SutService {
public:
    /// @param locks  by which jobs hold machines.
    SutKeeper(const Dependencies& deps, KeyLocks& locks) : deps_(deps), locks_(locks) {}

    std::vector<SutStatus> suts() override;
    ports::HostKey host_key(const plan::SshAddress& address) override;
    void add(const ports::Sut& sut) override;
    Fingerprint fingerprint(const std::string& name) override;
    void remove(const std::string& name) override;
    void release(const std::string& name) override;

private:
    void require_free(const std::string& name) const;

    const Dependencies& deps_;
    KeyLocks& locks_;
};

} // namespace lab::engine
