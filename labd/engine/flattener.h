// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ports/image_store.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

namespace lab::engine {

/// Chains of this depth are not grown: every level costs reads.
inline constexpr unsigned deepest_chain = 8;

/// Layers are flattened from here on, while builds may still be cloned from them: each one costs
/// every name that is looked up for the first time.
inline constexpr unsigned many_layers = 8;

/// Flattens images in the background, one at a time. Thread-safe.
class Flattener {
public:
    explicit Flattener(ports::ImageStore& images);

    /// Asks for an image to be flattened when its chain has become as deep as it may be.
    void consider(const ports::Image& image);

private:
    void work(const std::stop_token& stop);

    ports::ImageStore& images_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<std::string> keys_;
    std::jthread thread_; // last: it uses the members above
};

} // namespace lab::engine
