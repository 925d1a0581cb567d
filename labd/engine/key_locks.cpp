// SPDX-License-Identifier: Apache-2.0
#include "engine/key_locks.h"

#include "base/error.h"

namespace lab::engine {

KeyLocks::Guard KeyLocks::lock(const std::string& key, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [&] { return !held_.contains(key); })) {
        throw Cancelled{};
    }
    held_.insert(key);
    return Guard(*this, key);
}

bool KeyLocks::is_held(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    return held_.contains(key);
}

void KeyLocks::unlock(const std::string& key) {
    const std::lock_guard lock(mutex_);
    held_.erase(key);
    changed_.notify_all();
}

} // namespace lab::engine
