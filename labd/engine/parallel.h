// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <functional>
#include <thread>
#include <vector>

namespace lab::engine {

/// Calls work(0) ... work(count - 1) in threads of their own and waits for all. The first exception
/// by index is thrown on afterwards. How many really run at once is up to the budget they ask.
inline void for_each_index(std::size_t count, const std::function<void(std::size_t)>& work) {
    std::vector<std::exception_ptr> failures(count);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < count; ++i) {
            threads.emplace_back([&work, &failures, i] {
                try {
                    work(i);
                } catch (...) {
                    failures[i] = std::current_exception();
                }
            });
        }
    }
    for (const auto& failure : failures) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    }
}

} // namespace lab::engine
