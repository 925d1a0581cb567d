// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>

namespace lab::engine {

/// Lets one thread at a time work on what a key names, so that two requests for the same build make
/// it once. Thread-safe.
class KeyLocks {
public:
    class Guard {
    public:
        Guard(KeyLocks& locks, std::string key) : locks_(locks), key_(std::move(key)) {}
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;
        ~Guard() { locks_.unlock(key_); }

    private:
        KeyLocks& locks_;
        std::string key_;
    };

    /// @throws Cancelled  when stop was requested before the key was free.
    [[nodiscard]] Guard lock(const std::string& key, const std::stop_token& stop);

    /// Whether somebody works on it just now.
    [[nodiscard]] bool is_held(const std::string& key) const;

private:
    void unlock(const std::string& key);

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::set<std::string> held_;
};

} // namespace lab::engine
