// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages.h"
#include "base/error.h"
#include "base/json.h"

#include <optional>
#include <string>

namespace lab::api {

// Members that are missing keep their default, so that a field can be added within a version.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Status, version, api, pid, state_dir, socket,
                                                running_jobs)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ConfigText, path, text)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(SubmitRequest, spec, config, idempotency_key,
                                                dry_run)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Submitted, id, title, spec)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ResumeRequest, skip)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Job, id, kind, title, state, exit_code, error, hint,
                                                created, started, ended, seconds)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Letter, id, title, channel, config_path, state,
                                                attempts, created, due, reason)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(LetterIds, ids)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(WatchRequest, channel, config)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Step, key, state, attempts, started, ended, seconds,
                                                summary)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(JobDetail, job, spec, result, steps)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Event, sequence, time, kind, data)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(EventPage, events, state)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Vm, name, kind, machine, root, instance, cpus,
                                                memory)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Access, session, host, port, user, key, known_hosts,
                                                console_socket, console_log)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Sut, name, host, user, port, keyfile, host_key,
                                                fingerprint, power_cycle, console, boot_timeout,
                                                state, reason)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(HostKey, text, fingerprint, known)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(TemplateInfo, name, description, directory, text,
                                                builds, machine_builds)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Image, kind, key, directory, digest, size, parent,
                                                depth, labels, created)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(GarbageRequest, keep_at_most, all, dry_run)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(GarbageReport, removed, kept_in_use, kept, freed)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(VerifyResult, image, problem)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(DoctorCheck, id, result, text, fix)

/// Parses text from outside: at most 64 levels deep, no key twice in an object.
/// @throws Error bad_input  "<subject>: ..." with the byte position for a syntax error.
[[nodiscard]] nlohmann::json parse_json(const std::string& text, const std::string& subject);

/// The body of an answer that reports an error.
[[nodiscard]] nlohmann::json error_body(ErrorCode code, const std::string& message,
                                        const std::string& hint);

/// Inverse of error_body; nothing when the text is not such a body.
[[nodiscard]] std::optional<Error> error_from_body(const std::string& text);

/// Says which side is the older one.
/// @param theirs  the client's version, as its header has it.
[[nodiscard]] Error version_mismatch(const std::string& theirs);

/// What nlohmann's exception says, without its tag.
[[nodiscard]] std::string text_of(const nlohmann::json::exception& error);

/// A message as a value of its type.
/// @throws Error bad_input  naming the member of a wrong type.
template <class T>
T decode(const nlohmann::json& value, const std::string& subject) {
    std::string member;
    try {
        // Members that are missing keep their default: each can be tried by itself.
        for (const auto& [key, item] : value.items()) {
            member = key + ": ";
            static_cast<void>(nlohmann::json{{key, item}}.template get<T>());
        }
        member.clear();
        return value.get<T>();
    } catch (const nlohmann::json::exception& error) {
        throw Error(ErrorCode::bad_input, subject + ": " + member + text_of(error));
    }
}

} // namespace lab::api
