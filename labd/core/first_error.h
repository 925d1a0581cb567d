// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lab::core {

/// Finds the line that says why a command failed in its output of any length: the first one that
/// looks like an error of a compiler, a linker, a shell or an interpreter, else the last one that
/// is not blank. Keeps two lines, of 300 bytes at most. Pure, not thread-safe.
class FirstError {
public:
    /// Takes the next bytes; a line may be cut anywhere between two calls.
    void feed(std::string_view bytes);

    /// What was found so far, foreign bytes without a line end; empty when nothing was printed.
    [[nodiscard]] std::string line() const;

private:
    void end_line();

    std::string pending_; ///< the beginning of a line
    std::string error_;   ///< the first one that looks like an error
    std::string last_;
};

/// What two first lines of error have in common when it is the same failure: numbers (of lines,
/// columns, processes) and addresses are left out, and so are directories. Pure.
[[nodiscard]] std::string failure_key(std::string_view line);

} // namespace lab::core
