// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/dependencies.h"
#include "engine/service.h"
#include "engine/user_machines.h"

namespace lab::engine {

/// LabService on the real parts.
class LabQueries final : public LabService {
public:
    LabQueries(const Dependencies& deps, UserMachines& users) : deps_(deps), users_(users) {}

    std::vector<VmStatus> vms(const ConfigText& config) override;
    void stop_vm(const std::string& name) override;
    VmAccess access(const std::string& name) override;
    std::vector<TemplateInfo> templates(const ConfigText& config) override;
    std::vector<ports::Image> images() override;
    ports::GarbageReport collect(const Collection& collection) override;
    std::vector<ports::VerifyResult> verify() override;
    std::vector<DoctorCheck> doctor() override;

private:
    const Dependencies& deps_;
    UserMachines& users_;
};

} // namespace lab::engine
