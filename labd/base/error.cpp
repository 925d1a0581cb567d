// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include "base/text.h"

#include <cerrno>
#include <system_error>

namespace lab {
namespace {

/// A path that nothing can have is the request's mistake.
ErrorCode kind_of(int cause) noexcept {
    if (cause == ENAMETOOLONG || cause == ELOOP) {
        return ErrorCode::bad_input;
    }
    return cause == ENOENT ? ErrorCode::not_found : ErrorCode::infra;
}

} // namespace

const char* to_string(ErrorCode code) noexcept {
    switch (code) {
    case ErrorCode::bad_input:
        return "bad_input";
    case ErrorCode::not_found:
        return "not_found";
    case ErrorCode::conflict:
        return "conflict";
    case ErrorCode::timed_out:
        return "timed_out";
    case ErrorCode::infra:
        break;
    }
    return "infra";
}

ErrorCode error_code_from(const std::string& word) noexcept {
    for (const auto code :
         {ErrorCode::bad_input, ErrorCode::not_found, ErrorCode::conflict, ErrorCode::timed_out}) {
        if (word == to_string(code)) {
            return code;
        }
    }
    return ErrorCode::infra;
}

int exit_code(ErrorCode code) noexcept {
    switch (code) {
    case ErrorCode::bad_input:
        return 2;
    case ErrorCode::not_found:
        return 3;
    case ErrorCode::conflict:
        return 4;
    case ErrorCode::timed_out:
        return 6;
    case ErrorCode::infra:
        break;
    }
    return 5;
}

Error current_error() {
    std::string what = "an exception of an unknown type";
    try {
        throw;
    } catch (const Error& error) {
        return error;
    } catch (const std::exception& error) {
        what = cap(escape_for_terminal(error.what()), 500);
    } catch (...) { // it has no text
    }
    return Error(ErrorCode::infra, "unexpected: " + what,
                 "If it comes again, please report it with the end of labd's log.");
}

Error errno_error(const std::string& verb, const std::string& object) {
    const int code = errno;
    return Error(kind_of(code),
                 "cannot " + verb + " '" + object + "': " + std::generic_category().message(code));
}

} // namespace lab
