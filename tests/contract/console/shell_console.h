// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/files.h"
#include "base/handle.h"

#include <atomic>
#include <string>
#include <sys/types.h>
#include <thread>

namespace lab::test {

enum class Echo { on, off };

/// A guest's serial console without a guest: /bin/sh on a terminal in line mode, behind a unix
/// socket that serves one client at a time and drops output while there is none, like QEMU's.
class ShellConsole {
public:
    explicit ShellConsole(Echo echo);
    ShellConsole(const ShellConsole&) = delete;
    ShellConsole& operator=(const ShellConsole&) = delete;
    ~ShellConsole();

    [[nodiscard]] std::filesystem::path socket() const { return directory_.path() / "console"; }

    /// Kernel noise: appears on the console as if a driver had printed it.
    void print(const std::string& text);

    /// The guest dies: its socket closes and is gone.
    void die();

private:
    void start_shell(Echo echo);
    void listen();
    void serve(const std::stop_token& stop);
    bool copy(int from, int to);

    TemporaryDirectory directory_{"/tmp", "lab-"};
    FileDescriptor terminal_;
    FileDescriptor slave_;
    FileDescriptor listener_;
    FileDescriptor client_;
    pid_t shell_ = -1;
    std::jthread server_;
};

} // namespace lab::test
