// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lab {

/// What becomes of the processes that a program leaves behind when it ends.
enum class Leftovers {
    end, ///< they are killed, whatever session or environment they made for themselves
    keep ///< they go on, and nobody knows them any more
};

/// A program to run under a supervisor. Everything is made before the fork: behind it nothing may
/// be allocated.
struct SupervisedProgram {
    const char* path = nullptr;
    char* const* argv = nullptr;
    char* const* shell_argv = nullptr; ///< of /bin/sh, for a script that names no interpreter
    char* const* environment = nullptr;
    const char* directory = nullptr; ///< null = ours
    const char* oom_score = nullptr; ///< for oom_score_adj of proc(5)
    int in = -1;
    int out = -1;
    int err = -1;
    int channel = -1; ///< the supervisor's end of a pair of SOCK_SEQPACKET
    Leftovers leftovers = Leftovers::end;
};

/// What a supervisor says on its channel, one packet each.
struct SupervisorWord {
    enum class Kind : int {
        failed, ///< errno of the start; nothing runs
        unfit,  ///< errno, because of what the program's file holds; nothing runs
        ended,  ///< wait status of the program
        left    ///< how many processes it had left and were ended; behind `ended`, if at all
    };
    Kind kind = Kind::failed;
    int value = 0;
};

/// Runs a program as its supervisor: in the child of a fork, to the end of that process.
///
/// The program gets a process group of its own and no descriptors but 0, 1 and 2. The supervisor
/// collects what is orphaned below it (PR_SET_CHILD_SUBREAPER), so that nothing can leave its
/// reach. A script that names no interpreter is run by the shell, as by execvp(3). When the other
/// end of the channel is shut down or closed, as it is by a death of its owner, all that still runs
/// is killed. Only async-signal-safe calls: the process may have had threads.
[[noreturn]] void supervise(const SupervisedProgram& program) noexcept;

} // namespace lab
