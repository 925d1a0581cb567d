// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/handle.h"
#include "tests/contract/notify/receiver.h"

#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>

namespace lab::test {

/// Debian's aiosmtpd on loopback: see smtp_server.py.
class SmtpServer {
public:
    /// @param identity  for STARTTLS; without, the server offers none.
    SmtpServer(const std::filesystem::path& directory, const std::optional<Identity>& identity);
    SmtpServer(const SmtpServer&) = delete;
    SmtpServer& operator=(const SmtpServer&) = delete;
    ~SmtpServer();

    [[nodiscard]] std::string url() const { return "smtp://127.0.0.1:" + port_; }

private:
    FileDescriptor input_; ///< the server ends with it
    std::string port_;
    pid_t pid_ = -1;
};

} // namespace lab::test
