// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/ssh/ssh_server.h"

#include "base/error.h"
#include "base/process.h"
#include "base/text.h"

#include <csignal>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lab::test {
namespace {

FileDescriptor listen_anywhere(std::uint16_t& port) {
    FileDescriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* general = static_cast<sockaddr*>(static_cast<void*>(&address));
    socklen_t size = sizeof address;
    if (::bind(listener.get(), general, size) != 0 || ::listen(listener.get(), 16) != 0 ||
        ::getsockname(listener.get(), general, &size) != 0) {
        throw errno_error("listen on", "127.0.0.1");
    }
    port = ntohs(address.sin_port);
    return listener;
}

} // namespace

SshServer::SshServer() : listener_(listen_anywhere(port_)) {
    // sshd wants it when it runs as root; it stays, as other tests may run beside this one.
    if (::geteuid() == 0) {
        std::filesystem::create_directories("/run/sshd");
    }
    const auto host_key = make_key("host");
    const auto user_key = make_key("user");
    write_file(directory_.path() / "authorized_keys", public_half(user_key) + "\n");
    config_ = (directory_.path() / "config").string();
    write_file(config_, "HostKey " + host_key.string() + "\nAuthorizedKeysFile " +
                            (directory_.path() / "authorized_keys").string() +
                            "\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
                            "PermitRootLogin yes\nLogLevel QUIET\n");
    program_ = find_program("sshd").value_or("/usr/sbin/sshd").string();
    server_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

SshServer::~SshServer() {
    server_.request_stop();
    server_.join();
    cut();
}

ports::SshEndpoint SshServer::endpoint() const {
    ports::SshEndpoint endpoint;
    endpoint.port = port_;
    endpoint.user = ::getpwuid(::geteuid())->pw_name;
    endpoint.key = directory_.path() / "user";
    endpoint.host_key = public_half(directory_.path() / "host");
    return endpoint;
}

std::filesystem::path SshServer::make_key(const std::string& name) const {
    auto file = directory_.path() / name;
    ProcessSpec spec;
    spec.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file.string()};
    run_process_checked(spec);
    return file;
}

std::string SshServer::public_half(const std::filesystem::path& key) {
    return std::string(trim(read_file(key.string() + ".pub")));
}

void SshServer::cut() {
    const pid_t last = last_.exchange(-1);
    if (last > 0) {
        ::kill(-last, SIGKILL);
        ::waitpid(last, nullptr, 0);
    }
}

void SshServer::serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        pollfd wait{listener_.get(), POLLIN, 0};
        if (::poll(&wait, 1, 20) <= 0) {
            continue;
        }
        const FileDescriptor connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (hang_ups_ > 0) {
            --hang_ups_;
            continue;
        }
        hand_over(connection.get());
    }
}

void SshServer::hand_over(int connection) {
    cut();
    const pid_t child = ::fork();
    if (child == 0) {
        // A session of its own, so that cut() reaches sshd's helpers but not the test.
        ::setsid();
        ::dup2(connection, 0);
        ::dup2(connection, 1);
        ::dup2(::open("/dev/null", O_WRONLY), 2);
        ::execl(program_.c_str(), program_.c_str(), "-i", "-f", config_.c_str(), nullptr);
        ::_exit(127);
    }
    last_ = child;
}

} // namespace lab::test
