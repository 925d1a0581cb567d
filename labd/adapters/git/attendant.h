// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <type_traits>

namespace lab::adapters::git {

class LeftBehind;

/// Has work on repositories done in threads of its own and leaves behind a thread that hangs.
///
/// What a repository lies on may never answer: a network file system whose server is gone, a FIFO
/// where a file should be. A call of libgit2 that waits for it cannot be interrupted, only given
/// up. Work hangs when its thread has used no CPU time for as long as the patience lasts, however
/// long it has been at it. Thread-safe.
class Attendant {
public:
    /// @param patience  how long a file may keep work waiting.
    explicit Attendant(Duration patience);

    /// What `work` returns, or throws. It must own all it uses: it may outlive the call.
    /// @param repository  the path that an error names.
    /// @throws Error infra  when the work hangs, or too many threads hang in this repository.
    /// @throws Cancelled    within about two seconds of the request, whatever the work does.
    template <class Work>
    std::invoke_result_t<Work> run(const std::string& repository, const std::stop_token& stop,
                                   Work work) const {
        using Result = std::invoke_result_t<Work>;
        const auto result = std::make_shared<std::optional<Result>>();
        attend(repository, stop,
               [result, work = std::move(work)]() mutable { result->emplace(work()); });
        return *std::move(*result);
    }

private:
    void attend(const std::string& repository, const std::stop_token& stop,
                std::function<void()> work) const;

    Duration patience_;
    std::shared_ptr<LeftBehind> behind_;
};

} // namespace lab::adapters::git
