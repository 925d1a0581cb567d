// SPDX-License-Identifier: Apache-2.0
#include "server/connection_threads.h"

#include "base/descriptors.h"
#include "base/error.h"
#include "base/log.h"

#include <system_error>

namespace lab::server {
namespace {

thread_local bool beyond_limit = false;

/// The top of a thread: what a client brings about must not end labd.
void carry_out(const std::function<void()>& work) {
    try {
        work();
    } catch (...) {
        logger("server")->error("connection dropped cause={}", current_error().what());
    }
}

} // namespace

bool ConnectionThreads::is_beyond_limit() {
    return beyond_limit;
}

void ConnectionThreads::enqueue(std::function<void()> work) {
    // httplib hands on a connection from the thread that accepted it, as one that programs inherit:
    // an answer to a client must not be written by a command that a job runs.
    keep_descriptors_from_programs();
    if (!hand_over(work)) {
        beyond_limit = true;
        carry_out(work);
        beyond_limit = false;
    }
}

bool ConnectionThreads::hand_over(std::function<void()>& work) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= free_) {
        if (threads_.size() >= most_) {
            return false;
        }
        try {
            threads_.emplace_back([this] { run(); });
        } catch (const std::system_error&) {
            return false; // the system gives no more
        }
        ++free_;
    }
    waiting_.push_back(std::move(work));
    changed_.notify_one();
    return true;
}

void ConnectionThreads::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return !waiting_.empty() || ending_; });
        if (waiting_.empty()) {
            return;
        }
        auto work = std::move(waiting_.front());
        waiting_.pop_front();
        --free_;
        lock.unlock();
        carry_out(work);
        work = nullptr;
        lock.lock();
        ++free_;
    }
}

void ConnectionThreads::shutdown() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    threads_.clear(); // joins them
}

} // namespace lab::server
