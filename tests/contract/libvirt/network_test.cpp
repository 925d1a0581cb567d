// SPDX-License-Identifier: Apache-2.0
// What a guest reaches by its network, and what reaches it.
#include "tests/contract/libvirt/network_guest.h"
#include "tests/contract/libvirt/owner_process.h"
#include "tests/contract/libvirt/subjects.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace lab::test {
namespace {

constexpr const char* lan_address = "192.0.2.1";
constexpr const char* metadata_address = "169.254.169.254";

/// An address of either kind as the C API takes it.
class SocketAddress {
public:
    SocketAddress(const std::string& host, std::uint16_t port) {
        const bool v6 = host.find(':') != std::string::npos;
        v4_.sin_family = AF_INET;
        v4_.sin_port = htons(port);
        v6_.sin6_family = AF_INET6;
        v6_.sin6_port = htons(port);
        family_ = v6 ? AF_INET6 : AF_INET;
        void* const binary = v6 ? static_cast<void*>(&v6_.sin6_addr) : &v4_.sin_addr;
        if (::inet_pton(family_, host.c_str(), binary) != 1) {
            throw Error(ErrorCode::bad_input, host + ": is no address");
        }
    }

    [[nodiscard]] int family() const { return family_; }

    [[nodiscard]] const sockaddr* get() const {
        const void* const either = family_ == AF_INET6 ? static_cast<const void*>(&v6_) : &v4_;
        return static_cast<const sockaddr*>(either);
    }

    [[nodiscard]] socklen_t size() const { return family_ == AF_INET6 ? sizeof v6_ : sizeof v4_; }

private:
    sockaddr_in v4_{};
    sockaddr_in6 v6_{};
    int family_ = AF_INET;
};

/// Something of the host that a guest may reach or not.
class HostService {
public:
    HostService(std::string host, std::uint16_t port, int type)
        : host_(std::move(host)), type_(type) {
        const SocketAddress address(host_, port);
        socket_ =
            FileDescriptor(::socket(address.family(), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket_ || ::bind(socket_.get(), address.get(), address.size()) != 0 ||
            (type == SOCK_STREAM && ::listen(socket_.get(), 8) != 0)) {
            throw errno_error("serve", host_);
        }
    }

    [[nodiscard]] std::string name() const {
        return (type_ == SOCK_STREAM ? "tcp " : "udp ") + host_;
    }

    /// Whether somebody called since the last question.
    [[nodiscard]] bool was_reached() const {
        if (type_ == SOCK_STREAM) {
            return static_cast<bool>(
                FileDescriptor(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
        }
        char byte = 0;
        return ::recv(socket_.get(), &byte, 1, 0) >= 0;
    }

private:
    std::string host_;
    int type_;
    FileDescriptor socket_;
};

/// What the guest calls, and what of the host answers to that.
struct Reach {
    std::string calls = "tcp 10.0.2.2 5000\n"
                        "tcp 192.0.2.1 5000\n"
                        "tcp 169.254.169.254 80\n"
                        "tcp fec0::2 5000\n"
                        "udp 10.0.2.2 53\n"
                        "udp 192.0.2.1 53\n"
                        "udp fec0::2 53\n";
    std::vector<HostService> services;

    Reach() {
        services.emplace_back("127.0.0.1", 5000, SOCK_STREAM);
        services.emplace_back(lan_address, 5000, SOCK_STREAM);
        services.emplace_back(metadata_address, 80, SOCK_STREAM);
        services.emplace_back("::1", 5000, SOCK_STREAM);
        services.emplace_back("127.0.0.1", 53, SOCK_DGRAM);
        services.emplace_back(lan_address, 53, SOCK_DGRAM);
        services.emplace_back("::1", 53, SOCK_DGRAM);
    }
};

void set_lo(const char* name, unsigned long request, ifreq& what) {
    const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    std::string_view(name).copy(&what.ifr_name[0], IFNAMSIZ - 1);
    if (!socket || ::ioctl(socket.get(), request, &what) != 0) {
        throw errno_error("set up", name);
    }
}

void add_to_lo(const char* name, const char* host) {
    const SocketAddress address(host, 0);
    ifreq what{};
    what.ifr_addr = *address.get();
    set_lo(name, SIOCSIFADDR, what);
}

/// Moves this process into a network of its own, in which the host has the addresses of a LAN and
/// of a cloud's metadata service; false when the host does not permit it. Before the first thread.
bool enter_own_network() {
    const auto user = ::geteuid();
    const auto group = ::getegid();
    if (::unshare(user == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) != 0) {
        return false;
    }
    const auto same = [](unsigned id) {
        return std::to_string(id) + " " + std::to_string(id) + " 1";
    };
    if (user != 0) {
        std::ofstream("/proc/self/setgroups") << "deny";
        std::ofstream("/proc/self/uid_map") << same(user);
        std::ofstream("/proc/self/gid_map") << same(group);
    }
    ifreq up{};
    up.ifr_flags = IFF_UP;
    set_lo("lo", SIOCSIFFLAGS, up);
    add_to_lo("lo:1", lan_address);
    add_to_lo("lo:2", metadata_address);
    return true;
}

/// What the guest's port 22 says by way of a port of the host; "" when it does not answer in time.
std::string greeting_at(std::uint16_t port) {
    const SocketAddress address("127.0.0.1", port);
    const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(socket.get(), address.get(), address.size()) != 0) {
        return "";
    }
    std::string said;
    std::array<char, 64> buffer{};
    for (pollfd wait{socket.get(), POLLIN, 0}; ::poll(&wait, 1, 20'000) == 1;) {
        const auto count = ::read(socket.get(), buffer.data(), buffer.size());
        if (count <= 0) {
            break;
        }
        said.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return said;
}

ports::MachineSpec network_spec(const std::filesystem::path& directory, const Reach& reach,
                                plan::NetworkKind network) {
    auto spec = tiny_spec(directory, network == plan::NetworkKind::user ? "shut" : "open");
    spec.memory = mebibytes(128);
    spec.kernel = write_network_guest(directory, reach.calls);
    spec.network = network;
    return spec;
}

/// Runs a guest until it has tried everything; the names of the services that it reached.
std::vector<std::string> reached_by_a_guest(plan::NetworkKind network) {
    const auto directory = directory_of_owner();
    share_capability_cache(directory);
    const Reach reach;
    const auto hypervisor = make_libvirt_hypervisor({"", directory, Accelerator::tcg});
    const auto spec = network_spec(directory, reach, network);

    hypervisor->start(spec);
    const auto deadline = Deadline::in(std::chrono::minutes(3));
    while (console_log(spec).find(network_guest_is_done) == std::string::npos) {
        if (deadline.passed()) {
            ADD_FAILURE() << "the guest did not come to its end: " << console_log(spec);
            break;
        }
        lab::sleep_for(std::chrono::milliseconds(50), {});
    }
    EXPECT_EQ(greeting_at(hypervisor->forward_port(spec.uuid, 22)), network_guest_greeting);
    hypervisor->destroy(spec.uuid);
    std::cout << console_log(spec);

    std::vector<std::string> reached;
    for (const auto& service : reach.services) {
        if (service.was_reached()) {
            reached.push_back(service.name());
        }
    }
    return reached;
}

TEST(OwnerProcess, DISABLED_GuestReachesNothing) {
    if (directory_of_owner().empty() || !enter_own_network()) {
        GTEST_SKIP() << "runs only inside another test, and where network namespaces are permitted";
    }

    EXPECT_THAT(reached_by_a_guest(plan::NetworkKind::user), testing::IsEmpty());
}

TEST(OwnerProcess, DISABLED_GuestReachesTheHost) {
    if (directory_of_owner().empty() || !enter_own_network()) {
        GTEST_SKIP() << "runs only inside another test, and where network namespaces are permitted";
    }

    EXPECT_THAT(reached_by_a_guest(plan::NetworkKind::outbound),
                testing::ElementsAre("tcp 127.0.0.1", "tcp 192.0.2.1", "tcp 169.254.169.254",
                                     "tcp ::1", "udp 127.0.0.1", "udp 192.0.2.1", "udp ::1"));
}

class GuestNetwork : public testing::Test {
protected:
    void expect_to_pass(const std::string& test) const {
        const auto result = run_owner(test, directory_.path());
        if (result.out.find("[  SKIPPED ]") != std::string::npos) {
            GTEST_SKIP() << "network namespaces are not permitted here";
        }
        EXPECT_TRUE(result.exit_code == 0 &&
                    result.out.find("[  PASSED  ] 1 test") != std::string::npos)
            << result.out << result.err;
    }

private:
    TemporaryDirectory directory_{"/tmp", "lab-"};
};

TEST_F(GuestNetwork, LeadsNowhereAndTheHostReachesTheGuest) {
    expect_to_pass("GuestReachesNothing");
}

// Shows that the test above could fail.
TEST_F(GuestNetwork, LeadsToTheHostWhereThatIsWanted) {
    expect_to_pass("GuestReachesTheHost");
}

} // namespace
} // namespace lab::test
