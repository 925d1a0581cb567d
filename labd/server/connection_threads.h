// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <httplib.h>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

namespace lab::server {

/// A thread for each connection, begun when none is free, up to a limit. No connection waits for
/// another one: the work of those beyond the limit is done at once by who brings them, and can ask
/// whether that is so.
class ConnectionThreads final : public httplib::TaskQueue {
public:
    explicit ConnectionThreads(std::size_t most) : most_(most) {}

    void enqueue(std::function<void()> work) override;

    /// Returns when the last work is done.
    void shutdown() override;

    /// Whether the calling thread does work beyond the limit; it must not wait for anything then.
    [[nodiscard]] static bool is_beyond_limit();

private:
    /// Whether a thread takes the work.
    [[nodiscard]] bool hand_over(std::function<void()>& work);
    void run();

    const std::size_t most_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::list<std::function<void()>> waiting_;
    std::size_t free_ = 0; ///< threads that wait for work
    bool ending_ = false;
    std::vector<std::jthread> threads_;
};

} // namespace lab::server
