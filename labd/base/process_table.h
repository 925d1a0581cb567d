// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace lab {

/// Every process there is, by number.
[[nodiscard]] std::vector<pid_t> all_processes();

/// The threads of a process; none when it is gone.
[[nodiscard]] std::vector<pid_t> threads_of(pid_t pid);

/// Words of a process; none when it is gone, a zombie, or somebody else's.
[[nodiscard]] std::vector<std::string> command_line(pid_t pid);

/// Environment of a process as it was started, `NAME=value` each; none as above.
[[nodiscard]] std::vector<std::string> environment_of(pid_t pid);

/// Kills a process and waits for its end. Its number may belong to another one by now: `is_meant`
/// is asked once more behind a handle that cannot be reused.
/// @param what  for the error, for example "a QEMU".
/// @throws Error infra  when it outlives SIGKILL by 10 s.
void end_process(pid_t pid, const std::function<bool()>& is_meant, const std::string& what);

/// Ends every process that was started with `NAME=value` in its environment, children included.
/// @throws Error infra  as end_process().
void end_marked_processes(const std::string& mark);

} // namespace lab
