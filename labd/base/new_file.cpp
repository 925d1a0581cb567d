// SPDX-License-Identifier: Apache-2.0
#include "base/new_file.h"

#include "base/error.h"
#include "base/ids.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

namespace lab {

void write_new_file(const std::filesystem::path& file, std::string_view content,
                    FileAccess access) {
    auto temporary = file;
    temporary += ".new-" + random_hex(8);
    write_file(temporary, content, access);
    if (::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) != 0) {
        const int cause = errno;
        ::unlink(temporary.c_str());
        if (cause == EEXIST) {
            throw Error(ErrorCode::conflict, file.string() + ": exists (a new file is written)",
                        "remove it, or name another one");
        }
        errno = cause;
        throw errno_error("write", file.string());
    }
    sync_path(file.parent_path().empty() ? "." : file.parent_path());
}

} // namespace lab
