// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "base/handle.h"

#include <archive.h>
#include <archive_entry.h>
#include <cerrno>
#include <string>
#include <system_error>

namespace lab::images {

using ReadArchive = Handle<archive, archive_read_free>;
using WriteArchive = Handle<archive, archive_write_free>;
using ArchiveEntry = Handle<archive_entry, archive_entry_free>;

/// What libarchive last complained about, as an infra Error: "cannot <verb> '<object>': <cause>".
[[nodiscard]] inline Error archive_error(archive* source, const std::string& verb,
                                         const std::string& object) {
    const char* text = archive_error_string(source);
    std::string cause = text != nullptr ? text : "unknown cause";
    if (archive_errno(source) == ENOSPC) {
        cause += ": " + std::generic_category().message(ENOSPC);
    }
    return {ErrorCode::infra, "cannot " + verb + " '" + object + "': " + cause};
}

} // namespace lab::images
