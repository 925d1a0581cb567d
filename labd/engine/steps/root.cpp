// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/root.h"

#include "base/error.h"

namespace lab::engine {

ports::ImageLease ensure_root(Workshop& shop, JobContext& job, const plan::Template& machine,
                              const std::stop_token& stop) {
    const ports::RootRequest request{machine, shop.deps.keys};
    const auto key = shop.deps.roots.key_of(request);
    if (auto ready = shop.deps.images.find(ports::ImageKind::root, key)) {
        return ready;
    }
    const auto guard = shop.locks.lock("root/" + key, stop);
    if (auto ready = shop.deps.images.find(ports::ImageKind::root, key)) {
        return ready;
    }
    ports::ImageLease made;
    job.step("root/" + machine.name + "/" + key.substr(0, 12), stop, [&] {
        LogStream log(job.log(), "root " + machine.name);
        made = shop.deps.roots.make(
            request,
            [&](const std::string& text) { job.phase("root " + machine.name + ": " + text); },
            [&](std::string_view bytes) { log.write(bytes); }, stop);
        return StepResult{{{"key", key}}, "root image of " + machine.name};
    });
    if (!made) {
        // The step was done by an earlier run of this job and its image was removed since.
        job.forget("root/" + machine.name + "/" + key.substr(0, 12));
        throw Error(ErrorCode::infra, "root image of " + machine.name + ": was removed",
                    "run the command again");
    }
    return made;
}

} // namespace lab::engine
