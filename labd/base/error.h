// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace lab {

/// What kind of trouble an Error is; each maps to one exit code of the command line.
enum class ErrorCode {
    bad_input, ///< the request itself is wrong (exit 2)
    not_found, ///< a named object does not exist (exit 3)
    conflict,  ///< the object is in use or in another state (exit 4)
    infra,     ///< the environment failed: disk, hypervisor, network (exit 5)
    timed_out, ///< a deadline passed (exit 6)
};

/// The word used for a code on the wire and in logs, for example "not_found".
[[nodiscard]] const char* to_string(ErrorCode code) noexcept;

/// Inverse of to_string; unknown words become `infra`.
[[nodiscard]] ErrorCode error_code_from(const std::string& word) noexcept;

/// Exit code of the command line for an error: 2, 3, 4, 5 or 6.
[[nodiscard]] int exit_code(ErrorCode code) noexcept;

/// An operation could not be carried out.
///
/// `what()` is one line of the form "<object>: <what is wrong> (<what is allowed>)"; `hint()` says
/// what to do about it and may be empty. Never thrown for the outcome of a build or a test.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& message, std::string hint = {})
        : std::runtime_error(message), code_(code), hint_(std::move(hint)) {}

    [[nodiscard]] ErrorCode code() const noexcept { return code_; }
    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

private:
    ErrorCode code_;
    std::string hint_;
};

/// Thrown where work ends because its stop token was set. Not an Error, so that `catch (Error&)`
/// cannot swallow a cancellation.
class Cancelled {};

/// The exception that is being handled, as an Error: itself, or an infra Error with its text,
/// capped and escaped, for what nobody here throws but a library or the language may. To be called
/// in a catch clause, behind one for Cancelled: at the top of a thread, where nothing may get past.
[[nodiscard]] Error current_error();

/// Environment error carrying strerror(errno): "cannot <verb> '<object>': <cause>".
[[nodiscard]] Error errno_error(const std::string& verb, const std::string& object);

} // namespace lab
