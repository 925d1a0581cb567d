// SPDX-License-Identifier: Apache-2.0
#include "adapters/libvirt/event_loop.h"

#include "adapters/libvirt/libvirt_error.h"

#include <libvirt/libvirt.h>
#include <mutex>
#include <pthread.h>
#include <signal.h>

namespace lab::adapters {
namespace {

/// Registers the loop once per process; a failure is reported to every caller.
int register_once() {
    static const int result = [] {
        silence_libvirt();
        return virEventRegisterDefaultImpl();
    }();
    return result;
}

void run(const std::stop_token& stop) {
    // Signals belong to the main thread.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    while (!stop.stop_requested() && virEventRunDefaultImpl() == 0) {
    }
}

} // namespace

std::shared_ptr<EventLoop> EventLoop::shared() {
    static std::mutex mutex;
    static std::weak_ptr<EventLoop> current;
    const std::lock_guard lock(mutex);
    auto loop = current.lock();
    if (!loop) {
        loop = std::make_shared<EventLoop>();
        current = loop;
    }
    return loop;
}

EventLoop::EventLoop() {
    if (register_once() != 0) {
        throw libvirt_error("start the event loop", "libvirt");
    }
    thread_ = std::jthread(run);
}

EventLoop::~EventLoop() {
    thread_.request_stop();
    // A timer that fires at once is what wakes the loop, so that it sees the request.
    const int timer = virEventAddTimeout(
        0, [](int, void*) {}, nullptr, nullptr);
    thread_.join();
    if (timer >= 0) {
        virEventRemoveTimeout(timer);
    }
}

} // namespace lab::adapters
