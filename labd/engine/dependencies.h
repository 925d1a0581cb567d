// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/boot_files.h"
#include "ports/containers.h"
#include "ports/cpu_placement.h"
#include "ports/guest_session.h"
#include "ports/hypervisor.h"
#include "ports/image_store.h"
#include "ports/job_store.h"
#include "ports/result_store.h"
#include "ports/source_repo.h"
#include "ports/sut_store.h"

#include <filesystem>
#include <vector>

namespace lab::engine {

/// What the engine works with; everything is owned by the composition root and outlives it.
struct Dependencies {
    ports::JobStore& jobs;
    ports::ObservationStore& observations;
    ports::InstanceStore& instances;
    ports::SutStore& suts;
    ports::ImageStore& images;
    ports::RootMaker& roots;
    ports::TreeStore& trees;
    ports::Containers& containers;
    ports::BootFiles& boot_files;
    ports::SourceRepos& repos;
    ports::Hypervisor& hypervisor;
    ports::CpuPlacement& placement;
    ports::SessionFactory& sessions;
    ports::ResultStores& result_stores; ///< what is opened to append keeps records for a server
                                        ///< that is away
    ports::LabKeys keys;
    std::string hypervisor_uri;                       ///< empty = embedded
    std::filesystem::path state_dir;                  ///< jobs/, i/ (instances)
    std::vector<std::filesystem::path> template_dirs; ///< shipped ones, in search order
};

} // namespace lab::engine
