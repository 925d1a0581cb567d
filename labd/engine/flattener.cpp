// SPDX-License-Identifier: Apache-2.0
#include "engine/flattener.h"

#include "base/error.h"
#include "base/log.h"
#include "engine/steps/layers.h"

namespace lab::engine {

Flattener::Flattener(ports::ImageStore& images)
    : images_(images), thread_([this](const std::stop_token& stop) { work(stop); }) {
    // What was cut short when the last process ended.
    for (const auto& image : images_.list(ports::ImageKind::build)) {
        consider(*image);
    }
}

void Flattener::consider(const ports::Image& image) {
    if (image.depth < (is_layer(image) ? many_layers : deepest_chain)) {
        return;
    }
    const std::lock_guard lock(mutex_);
    keys_.push_back(image.key);
    changed_.notify_all();
}

void Flattener::work(const std::stop_token& stop) {
    for (;;) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [&] { return !keys_.empty(); })) {
            return;
        }
        const auto key = keys_.front();
        keys_.pop_front();
        lock.unlock();
        try {
            images_.flatten(key, stop);
            logger("engine")->info("image flattened key={}", key);
        } catch (const Cancelled&) {
            return;
        } catch (...) {
            // It stays as deep as it is and is asked for again at the next start.
            logger("engine")->warn("image not flattened key={} cause={}", key,
                                   current_error().what());
        }
    }
}

} // namespace lab::engine
