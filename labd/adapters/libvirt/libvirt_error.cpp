// SPDX-License-Identifier: Apache-2.0
#include "adapters/libvirt/libvirt_error.h"

#include "base/text.h"

#include <array>
#include <cstdlib>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <string_view>

namespace lab::adapters {
namespace {

/// libvirt reports these with general codes, so its text has to tell them apart.
struct KnownText {
    std::string_view part;
    ErrorCode code;
    const char* hint;
};

constexpr std::array<KnownText, 8> known_texts{{
    {"Failed to parse user", ErrorCode::infra,
     "libvirt's package wants this user when labd runs as root: adduser --system --group "
     "--no-create-home libvirt-qemu"},
    {"Failed to acquire pid file", ErrorCode::conflict,
     "Another labd runs on this state directory: stop it, or choose another LAB_HOME."},
    {"already open with path", ErrorCode::conflict,
     "One process can use one embedded hypervisor only."},
    {"already exists with uuid", ErrorCode::conflict, ""},
    {"is already active as", ErrorCode::conflict, ""},
    {"is already defined with uuid", ErrorCode::conflict, ""},
    {"Failed to get \"write\" lock", ErrorCode::conflict,
     "Another instance or program has a disk of this instance open for writing."},
    {"Failed to get shared \"write\" lock", ErrorCode::conflict,
     "Another instance or program has a disk of this instance open for writing."},
}};

} // namespace

void silence_libvirt() {
    // Every failure comes back as an Error; without this libvirt also logs to stderr. Who looks for
    // a fault in libvirt sets the variable himself.
    ::setenv("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null", 0);
    virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});
}

Error libvirt_error(const std::string& verb, const std::string& object) {
    const virError* const last = virGetLastError();
    const std::string text =
        last != nullptr && last->message != nullptr ? last->message : "unknown libvirt error";
    const auto message =
        object + ": cannot " + verb + ": " + cap(escape_for_terminal(trim(text)), 2000);
    for (const auto& known : known_texts) {
        if (text.find(known.part) != std::string::npos) {
            return {known.code, message, known.hint};
        }
    }
    const int code = last != nullptr ? last->code : VIR_ERR_OK;
    if (code == VIR_ERR_NO_DOMAIN) {
        return {ErrorCode::not_found, message};
    }
    return {code == VIR_ERR_DOM_EXIST ? ErrorCode::conflict : ErrorCode::infra, message};
}

bool last_error_is_no_domain() {
    return virGetLastErrorCode() == VIR_ERR_NO_DOMAIN;
}

} // namespace lab::adapters
