// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "base/handle.h"

#include <archive.h>
#include <archive_entry.h>
#include <string>

namespace lab::images {

using ReadArchive = Handle<archive, archive_read_free>;
using WriteArchive = Handle<archive, archive_write_free>;
using ArchiveEntry = Handle<archive_entry, archive_entry_free>;

/// What libarchive last complained about, as an infra Error: "cannot <verb> '<object>': <cause>".
[[nodiscard]] inline Error archive_error(archive* source, const std::string& verb,
                                         const std::string& object) {
    const char* cause = archive_error_string(source);
    return {ErrorCode::infra, "cannot " + verb + " '" + object +
                                  "': " + (cause != nullptr ? cause : "unknown cause")};
}

} // namespace lab::images
