// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace lab {

/// Splits the process: the caller goes on in a child, the parent only collects processes whose own
/// parent has ended, which each QEMU becomes, and ends as the child does. SIGTERM, SIGINT and
/// SIGHUP to the parent are passed on.
///
/// Without it, ended guests wait for the system's init, which is slow or does nothing in many
/// containers, and libvirt waits with them: seconds for each guest.
///
/// When a fault of the child ended it (SIGABRT, SIGSEGV and their like; not a signal that somebody
/// sent), the parent leaves the signal's number in `crash_mark`.
/// @throws Error infra  when no process can be made. Call it before any thread is started.
void collect_orphans(const std::filesystem::path& crash_mark);

/// Whether the labd before this one crashed; takes its mark away.
[[nodiscard]] bool take_crash_mark(const std::filesystem::path& crash_mark);

} // namespace lab
