// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <thread>

namespace lab::adapters {

/// libvirt's default event loop, run in a thread of its own while somebody owns it.
///
/// libvirt allows one loop a process and cannot unregister it, hence the sharing. It must run
/// before the first connection is opened and end after the last one is closed.
class EventLoop {
public:
    /// The process's loop, started when nobody owns it. Thread-safe.
    [[nodiscard]] static std::shared_ptr<EventLoop> shared();

    EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;
    ~EventLoop();

private:
    std::jthread thread_;
};

} // namespace lab::adapters
