// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"

#include <exception>
#include <functional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace lab::engine {

/// A thread that runs `work`.
/// @throws Error infra  when the system gives no more.
template <class Work>
[[nodiscard]] std::jthread start_thread(Work&& work) {
    try {
        return std::jthread(std::forward<Work>(work));
    } catch (const std::system_error& error) {
        throw Error(ErrorCode::infra, "cannot start a thread: " + error.code().message(),
                    "Fewer jobs at once need fewer threads; ulimit -u shows the limit.");
    }
}

/// Calls work(0) ... work(count - 1) in threads of their own and waits for all. The first exception
/// by index is thrown on afterwards. How many really run at once is up to the budget they ask.
inline void for_each_index(std::size_t count, const std::function<void(std::size_t)>& work) {
    std::vector<std::exception_ptr> failures(count);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < count; ++i) {
            threads.push_back(start_thread([&work, &failures, i] {
                try {
                    work(i);
                } catch (...) {
                    failures[i] = std::current_exception();
                }
            }));
        }
    }
    for (const auto& failure : failures) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    }
}

} // namespace lab::engine
