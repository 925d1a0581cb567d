// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/kept_output.h"
#include "ports/guest_session.h"

#include <optional>
#include <string>
#include <string_view>

namespace lab::adapters {

/// Finds one command's output and exit code in the bytes of a console. Not thread-safe.
class ConsoleOutput {
public:
    /// Output goes to `sink` as it is known to be output, and what of it is kept up to `limit` into
    /// the result.
    ConsoleOutput(const std::string& nonce, Bytes limit, const ports::OutputSink& sink);

    /// Takes the next bytes; true when the end mark was seen.
    bool feed(std::string_view bytes);

    /// What was collected; complete after feed() returned true.
    [[nodiscard]] ports::CommandResult take(ports::CommandEnd end) &&;

private:
    [[nodiscard]] bool find_begin();
    [[nodiscard]] bool find_end();
    void emit(std::size_t count);

    std::string begin_mark_;
    std::string end_mark_;
    KeptOutput kept_;
    const ports::OutputSink& sink_;
    std::string pending_;
    bool begun_ = false;
    ports::CommandResult result_;
};

} // namespace lab::adapters
