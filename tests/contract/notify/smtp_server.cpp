// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/notify/smtp_server.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/pipe.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace lab::test {
namespace {

std::string read_line(int descriptor, Duration within) {
    const auto deadline = Deadline::in(within);
    std::string line;
    char c = 0;
    for (;;) {
        pollfd fd{descriptor, POLLIN, 0};
        if (::poll(&fd, 1, static_cast<int>(deadline.left().count())) <= 0 ||
            ::read(descriptor, &c, 1) != 1) {
            throw std::runtime_error("the mail server does not start");
        }
        if (c == '\n') {
            return line;
        }
        line += c;
    }
}

} // namespace

SmtpServer::SmtpServer(const std::filesystem::path& directory,
                       const std::optional<Identity>& identity) {
    // Debian's own Python: another one in PATH does not know Debian's modules.
    std::vector<std::string> words{"/usr/bin/python3",
                                   LAB_SOURCE_DIR "/tests/contract/notify/smtp_server.py",
                                   directory.string()};
    if (identity) {
        words.insert(words.end(), {identity->certificate.string(), identity->key.string()});
    }
    std::vector<char*> argv;
    for (auto& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    auto in = make_pipe();
    auto out = make_pipe();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.read_end.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out.write_end.get(), STDOUT_FILENO);
    const int code = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0) {
        throw std::runtime_error("cannot start /usr/bin/python3");
    }
    input_ = std::move(in.write_end);
    out.write_end.reset();
    port_ = read_line(out.read_end.get(), std::chrono::seconds(30));
}

SmtpServer::~SmtpServer() {
    input_.reset();
    ::waitpid(pid_, nullptr, 0);
}

} // namespace lab::test
