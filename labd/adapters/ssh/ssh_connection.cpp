// SPDX-License-Identifier: Apache-2.0
#include "adapters/ssh/ssh_connection.h"

#include "adapters/ssh/proxy_connect.h"
#include "adapters/ssh/tcp_connect.h"
#include "adapters/ssh/user_setup.h"
#include "base/lasting_error.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <functional>
#include <poll.h>
#include <string_view>

namespace lab::adapters {
namespace {

using Key = Handle<ssh_key_struct, ssh_key_free>;

void free_hash(unsigned char* hash) {
    ssh_clean_pubkey_hash(&hash);
}

using Hash = Handle<unsigned char, free_hash>;

// Cheapest first: a guest under emulation has no AES instructions, and there the key exchange is
// most of the time of a connection.
constexpr const char* key_exchanges =
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256";
constexpr const char* ciphers = "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes128-ctr";

/// For one attempt to hear from a server.
constexpr Duration longest_patience = std::chrono::seconds(10);

/// A pinned host key and the signature algorithms that prove it.
struct PinnedKey {
    std::string type;
    std::string blob;
    std::string algorithms;
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> key_types{{
    {"ssh-ed25519", "ssh-ed25519"},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"},
    {"ssh-rsa", "rsa-sha2-256,rsa-sha2-512"},
}};

PinnedKey parse_host_key(const ports::SshEndpoint& endpoint) {
    const auto words = split(trim(endpoint.host_key), ' ');
    const auto* const type =
        std::find_if(key_types.begin(), key_types.end(),
                     [&](const auto& known) { return known.first == words[0]; });
    if (type == key_types.end() || words.size() < 2 || words[1].empty()) {
        throw Error(ErrorCode::bad_input,
                    endpoint_name(endpoint) + ": the pinned host key '" +
                        cap(escape_for_terminal(endpoint.host_key), 80) +
                        "' is not one (allowed: \"<type> <base64>\" with type ssh-ed25519, "
                        "ecdsa-sha2-nistp256, -nistp384, -nistp521 or ssh-rsa)");
    }
    return {words[0], words[1], std::string(type->second)};
}

Key load_user_key(const ports::SshEndpoint& endpoint) {
    ssh_key loaded = nullptr;
    const int result =
        ssh_pki_import_privkey_file(endpoint.key.c_str(), nullptr, nullptr, nullptr, &loaded);
    Key key(loaded);
    if (result != SSH_OK) {
        throw Error(ErrorCode::infra, endpoint_name(endpoint) + ": cannot read the private key '" +
                                          endpoint.key.string() +
                                          "' (a key file without a passphrase is needed)");
    }
    return key;
}

void set_option(ssh_session session, ssh_options_e option, const void* value) {
    if (ssh_options_set(session, option, value) != SSH_OK) {
        throw ssh_error("libssh", "set an option", session);
    }
}

/// Where a session goes: as it was asked for, and with what the user's setup adds.
struct Destination {
    explicit Destination(const ports::SshEndpoint& endpoint)
        : asked(endpoint), route(route_to(endpoint)) {}

    const ports::SshEndpoint& asked;
    Route route;
};

TcpAttempt connect_to(const Destination& to, Duration patience, const std::stop_token& stop) {
    return to.route.proxy.empty()
               ? connect_to_greeting(to.route.endpoint.host, to.route.endpoint.port, patience, stop)
               : connect_through(to.route.proxy, patience, stop);
}

/// A session on a connected socket, which it owns from here on.
/// @param host_key_types  signature algorithms; empty = all, those of known_hosts first.
SshHandle make_session(const Destination& to, const std::string& host_key_types,
                       FileDescriptor socket) {
    SshHandle session(ssh_new());
    if (!session) {
        throw Error(ErrorCode::infra, "libssh: out of memory");
    }
    const bool process_config = false;
    const socket_t descriptor = socket.get();
    auto* const raw = session.get();
    set_option(raw, SSH_OPTIONS_PROCESS_CONFIG, &process_config);
    if (to.asked.user_setup == ports::UserSetup::used) {
        take_user_setup(raw, to.asked.host);
        const unsigned port = to.route.endpoint.port;
        set_option(raw, SSH_OPTIONS_PORT, &port); // known_hosts names it
        set_option(raw, SSH_OPTIONS_PROXYCOMMAND, "none");
    } else {
        // A label only: the connection stands already.
        set_option(raw, SSH_OPTIONS_HOST, "lab");
    }
    set_option(raw, SSH_OPTIONS_USER, to.route.endpoint.user.c_str());
    set_option(raw, SSH_OPTIONS_KEY_EXCHANGE, key_exchanges);
    set_option(raw, SSH_OPTIONS_CIPHERS_C_S, ciphers);
    set_option(raw, SSH_OPTIONS_CIPHERS_S_C, ciphers);
    if (!host_key_types.empty()) {
        set_option(raw, SSH_OPTIONS_HOSTKEYS, host_key_types.c_str());
    }
    set_option(raw, SSH_OPTIONS_COMPRESSION, "no");
    set_option(raw, SSH_OPTIONS_FD, &descriptor);
    socket.release();
    ssh_set_blocking(raw, 0);
    return session;
}

LastingError changed_host_key(const ports::SshEndpoint& endpoint, const std::string& shown) {
    return LastingError(
        endpoint_name(endpoint) + ": its host key is not the pinned one (shown: " +
            cap(escape_for_terminal(shown), 200) + ")",
        "Another machine answers there, or it was reinstalled: pin the new key if you trust it.");
}

/// The key that the other side has shown, as "<type> <base64>".
std::string shown_host_key(ssh_session session, const std::string& endpoint, Key& key) {
    ssh_key shown = nullptr;
    char* blob = nullptr;
    if (ssh_get_server_publickey(session, &shown) != SSH_OK) {
        throw ssh_error(endpoint, "read the host key", session);
    }
    key.reset(shown);
    if (ssh_pki_export_pubkey_base64(key.get(), &blob) != SSH_OK) {
        throw ssh_error(endpoint, "read the host key", session);
    }
    const SshText text(blob);
    return std::string(ssh_key_type_to_char(ssh_key_type(key.get()))) + " " + text.get();
}

void check_host_key(ssh_session session, const ports::SshEndpoint& endpoint,
                    const PinnedKey& pinned) {
    Key key;
    const auto shown = shown_host_key(session, endpoint_name(endpoint), key);
    if (shown != pinned.type + " " + pinned.blob) {
        throw changed_host_key(endpoint, shown);
    }
}

LastingError refused_key(const ports::SshEndpoint& endpoint) {
    if (endpoint.key.empty()) {
        return LastingError(
            endpoint_name(endpoint) + ": none of your keys is accepted (agent, IdentityFile of "
                                      "the ssh configuration, ~/.ssh/id_*)",
            "Add the public half of one to the user's authorized_keys there, or name a key "
            "file.");
    }
    return LastingError(endpoint_name(endpoint) + ": the key '" + endpoint.key.string() +
                            "' is refused",
                        "Add its public half to the user's authorized_keys there.");
}

void log_in(ssh_session session, const ports::SshEndpoint& endpoint, const Deadline& deadline,
            const std::stop_token& stop) {
    const auto key = endpoint.key.empty() ? Key() : load_user_key(endpoint);
    const int result = await_answer(
        session, SSH_AUTH_AGAIN,
        [&] {
            return key ? ssh_userauth_publickey(session, nullptr, key.get())
                       : ssh_userauth_publickey_auto(session, nullptr, nullptr);
        },
        deadline, stop);
    if (result == SSH_AUTH_DENIED || result == SSH_AUTH_PARTIAL) {
        throw refused_key(endpoint);
    }
}

/// What is done with a session that is connected; false when the deadline came first.
using Use = std::function<bool(ssh_session session, const Deadline& deadline)>;

/// Why an attempt came to nothing, in words; thrown are only failures that waiting cannot mend.
struct Attempt {
    SshHandle session;
    std::string failure;
};

Attempt attempt_handshake(SshHandle session, const Use& use, const Deadline& deadline,
                          const std::stop_token& stop) {
    Attempt attempt{std::move(session), {}};
    auto* const raw = attempt.session.get();
    const int connected = await_answer(
        raw, SSH_AGAIN, [&] { return ssh_connect(raw); }, deadline, stop);
    if (connected == SSH_OK && use(raw, deadline)) {
        return attempt;
    }
    attempt.failure = "no end of the SSH handshake";
    if (const std::string text = ssh_get_error(raw); !text.empty()) {
        attempt.failure += " (" + cap(escape_for_terminal(text), 300) + ")";
    }
    return attempt;
}

ports::NoAnswer no_answer(const Destination& to, const Timeout& timeout,
                          const std::string& reason) {
    const bool machine = to.asked.user_setup == ports::UserSetup::used;
    return ports::NoAnswer(
        endpoint_name(to.route.endpoint) + ": no SSH answer within " +
            format_duration(timeout.length) + ": " + reason,
        machine ? "Is it switched on and reachable from here? Try: ssh " + to.asked.host : "");
}

/// Tries until there is a connection that `use` is done with.
SshHandle persist(const Destination& to, const std::string& host_key_types, const Use& use,
                  const Timeout& timeout, const std::stop_token& stop) {
    const auto deadline = Deadline::in(timeout);
    // Both grow: a guest that just boots is found quickly, a slow one is not drowned in attempts.
    Duration pause = std::chrono::milliseconds(50);
    Duration patience = to.route.proxy.empty() ? std::chrono::seconds(1) : longest_patience;
    std::string reason;
    for (;;) {
        auto tcp = connect_to(to, std::min(patience, deadline.left()), stop);
        auto failure = tcp.failure;
        if (failure.empty()) {
            auto attempt = attempt_handshake(
                make_session(to, host_key_types, std::move(tcp.socket)), use, deadline, stop);
            if (attempt.failure.empty()) {
                return std::move(attempt.session);
            }
            failure = attempt.failure;
        }
        if (failure.find("server host key algo") != std::string::npos) {
            throw changed_host_key(to.route.endpoint, "none of type " + host_key_types);
        }
        // An attempt that the deadline cut short says less than the one before.
        if (reason.empty() || deadline.left() > Duration::zero()) {
            reason = failure;
        }
        if (deadline.left() == Duration::zero()) {
            throw no_answer(to, timeout, reason);
        }
        sleep_for(std::min(pause, deadline.left()), stop);
        pause = std::min<Duration>(pause * 2, std::chrono::milliseconds(200));
        patience = std::min(patience * 2, longest_patience);
    }
}

ports::KnownHost known_host(ssh_session session) {
    switch (ssh_session_is_known_server(session)) {
    case SSH_KNOWN_HOSTS_OK:
        return ports::KnownHost::yes;
    case SSH_KNOWN_HOSTS_CHANGED:
    case SSH_KNOWN_HOSTS_OTHER:
        return ports::KnownHost::changed;
    default:
        return ports::KnownHost::no;
    }
}

std::string fingerprint_of(const Key& key) {
    unsigned char* hash = nullptr;
    std::size_t size = 0;
    if (ssh_get_publickey_hash(key.get(), SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != SSH_OK) {
        throw Error(ErrorCode::infra, "libssh: cannot hash a host key");
    }
    const Hash owner(hash);
    const SshText text(ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size));
    return text ? text.get() : "";
}

} // namespace

Error ssh_error(const std::string& endpoint, const std::string& verb, ssh_session session) {
    return {ErrorCode::infra, endpoint + ": cannot " + verb + ": " +
                                  cap(escape_for_terminal(ssh_get_error(session)), 500)};
}

std::string endpoint_name(const ports::SshEndpoint& endpoint) {
    return endpoint.user + "@" + endpoint.host + ":" + std::to_string(endpoint.port);
}

SshHandle connect_ssh(const ports::SshEndpoint& endpoint, const Timeout& timeout,
                      const std::stop_token& stop) {
    const Destination to(endpoint);
    const auto pinned = parse_host_key(to.route.endpoint);
    if (!to.route.endpoint.key.empty() || endpoint.user_setup == ports::UserSetup::ignored) {
        static_cast<void>(load_user_key(to.route.endpoint));
    }
    const auto use = [&](ssh_session session, const Deadline& deadline) {
        check_host_key(session, to.route.endpoint, pinned);
        log_in(session, to.route.endpoint, deadline, stop);
        return ssh_is_connected(session) != 0 && !deadline.passed();
    };
    return persist(to, pinned.algorithms, use, timeout, stop);
}

ports::HostKey ask_host_key(const ports::SshEndpoint& endpoint, const Timeout& timeout,
                            const std::stop_token& stop) {
    const Destination to(endpoint);
    ports::HostKey host_key;
    const auto use = [&](ssh_session session, const Deadline&) {
        Key key;
        host_key.text = shown_host_key(session, endpoint_name(to.route.endpoint), key);
        host_key.fingerprint = fingerprint_of(key);
        host_key.known = known_host(session);
        return true;
    };
    const auto session = persist(to, "", use, timeout, stop);
    ssh_disconnect(session.get());
    return host_key;
}

bool is_alive(ssh_session session) {
    return ssh_is_connected(session) != 0 &&
           (ssh_get_status(session) & (SSH_CLOSED | SSH_CLOSED_ERROR)) == 0;
}

void wait_for_peer(ssh_session session, const Deadline& deadline, const std::stop_token& stop) {
    const bool writing = (ssh_get_poll_flags(session) & SSH_WRITE_PENDING) != 0;
    const short events = writing ? POLLIN | POLLOUT : POLLIN;
    static_cast<void>(wait_ready(ssh_get_fd(session), events, deadline, stop));
}

} // namespace lab::adapters
