// SPDX-License-Identifier: Apache-2.0
#include "cli/output/printer.h"

#include "base/text.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace lab::cli {
namespace {

void write_out(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() ||
        std::fflush(stdout) != 0) {
        if (errno == EPIPE) {
            throw ReaderLeft{};
        }
        throw errno_error("write", "standard output");
    }
}

void write_err(const std::string& text) {
    std::fputs(text.c_str(), stderr);
}

Sink sink() {
    return ::isatty(STDOUT_FILENO) != 0 ? Sink::terminal : Sink::other;
}

} // namespace

bool colours_wanted() {
    const char* no_color = std::getenv("NO_COLOR");
    return ::isatty(STDERR_FILENO) != 0 && (no_color == nullptr || *no_color == '\0');
}

void Printer::print(const Document& document) const {
    write_out(render(document, format_, sink()));
}

void Printer::print_text(std::string_view text) const {
    write_out(text);
}

void Printer::print_raw(std::string_view bytes) const {
    write_out(sink() == Sink::terminal ? escape_for_terminal(bytes) : std::string(bytes));
}

void Printer::print_error(const std::string& code, const std::string& message,
                          const std::string& hint) const {
    if (format_ == Format::json) {
        const nlohmann::json body{
            {"error", {{"code", code}, {"message", message}, {"hint", hint}}}};
        // In ASCII: no control or bidi character gets through to a terminal.
        write_err(body.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n");
        return;
    }
    const char* mark = colours_wanted() ? "lab: \033[1;31merror:\033[0m " : "lab: error: ";
    for (const auto& line : split(message, '\n')) {
        write_err(mark + escape_for_terminal(line) + "\n");
    }
    if (!hint.empty()) {
        write_err(escape_for_terminal(hint) + "\n");
    }
}

void Printer::print_error(const Error& error) const {
    print_error(to_string(error.code()), error.what(), error.hint());
}

void Printer::print_hint(const std::string& text) const {
    write_err(escape_for_terminal(text) + "\n");
}

} // namespace lab::cli
