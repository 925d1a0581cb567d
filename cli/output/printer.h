// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "cli/output/document.h"

#include <string>
#include <string_view>

namespace lab::cli {

/// Thrown when nobody reads standard output any more (`lab job list | head -1`): no error to tell.
struct ReaderLeft {};

/// The program's standard output and the error lines on standard error; nothing else writes them.
/// An output that cannot be written is an Error infra, a pipe without a reader ReaderLeft. Not
/// thread-safe.
class Printer {
public:
    explicit Printer(Format format) : format_(format) {}

    [[nodiscard]] Format format() const { return format_; }

    /// A result, in the chosen format.
    void print(const Document& document) const;

    /// Our own text, unchanged: help, scripts.
    void print_text(std::string_view text) const;

    /// Guest output: as it is into a file or pipe, escaped on a terminal.
    void print_raw(std::string_view bytes) const;

    /// "lab: error: ..." for each line of the message and the hint; with -o json as JSON.
    void print_error(const std::string& code, const std::string& message,
                     const std::string& hint) const;
    void print_error(const Error& error) const;

    /// A line on standard error that says what to do next.
    void print_hint(const std::string& text) const;

private:
    Format format_;
};

/// True when colours may be used on standard error: a terminal, and NO_COLOR is not set.
[[nodiscard]] bool colours_wanted();

} // namespace lab::cli
