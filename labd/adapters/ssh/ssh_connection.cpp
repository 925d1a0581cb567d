// SPDX-License-Identifier: Apache-2.0
#include "adapters/ssh/ssh_connection.h"

#include "adapters/ssh/tcp_connect.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <poll.h>
#include <string_view>

namespace lab::adapters {
namespace {

void free_text(char* text) {
    ssh_string_free_char(text);
}

using Key = Handle<ssh_key_struct, ssh_key_free>;
using Text = Handle<char, free_text>;

// Cheapest first: a guest under emulation has no AES instructions, and there the key exchange is
// most of the time of a connection.
constexpr const char* key_exchanges =
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256";
constexpr const char* ciphers = "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes128-ctr";

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

/// A session on a connected socket, which it owns from here on.
SshHandle make_session(const ports::SshEndpoint& endpoint, const PinnedKey& pinned,
                       FileDescriptor socket) {
    SshHandle session(ssh_new());
    if (!session) {
        throw Error(ErrorCode::infra, "libssh: out of memory");
    }
    const bool process_config = false;
    const socket_t descriptor = socket.get();
    auto* const raw = session.get();
    set_option(raw, SSH_OPTIONS_PROCESS_CONFIG, &process_config);
    // A label only: the connection stands already.
    set_option(raw, SSH_OPTIONS_HOST, "lab");
    set_option(raw, SSH_OPTIONS_USER, endpoint.user.c_str());
    set_option(raw, SSH_OPTIONS_KEY_EXCHANGE, key_exchanges);
    set_option(raw, SSH_OPTIONS_CIPHERS_C_S, ciphers);
    set_option(raw, SSH_OPTIONS_CIPHERS_S_C, ciphers);
    set_option(raw, SSH_OPTIONS_HOSTKEYS, pinned.algorithms.c_str());
    set_option(raw, SSH_OPTIONS_COMPRESSION, "no");
    set_option(raw, SSH_OPTIONS_FD, &descriptor);
    socket.release();
    ssh_set_blocking(raw, 0);
    return session;
}

Error changed_host_key(const ports::SshEndpoint& endpoint, const std::string& shown) {
    return {
        ErrorCode::infra,
        endpoint_name(endpoint) + ": its host key is not the pinned one (shown: " +
            cap(escape_for_terminal(shown), 200) + ")",
        "Another machine answers there, or it was reinstalled: pin the new key if you trust it."};
}

void check_host_key(ssh_session session, const ports::SshEndpoint& endpoint,
                    const PinnedKey& pinned) {
    ssh_key shown_key = nullptr;
    char* blob = nullptr;
    if (ssh_get_server_publickey(session, &shown_key) != SSH_OK) {
        throw ssh_error(endpoint_name(endpoint), "read the host key", session);
    }
    const Key key(shown_key);
    if (ssh_pki_export_pubkey_base64(key.get(), &blob) != SSH_OK) {
        throw ssh_error(endpoint_name(endpoint), "read the host key", session);
    }
    const Text text(blob);
    const std::string type = ssh_key_type_to_char(ssh_key_type(key.get()));
    if (type != pinned.type || pinned.blob != text.get()) {
        throw changed_host_key(endpoint, type + " " + text.get());
    }
}

void log_in(ssh_session session, const ports::SshEndpoint& endpoint, const Deadline& deadline,
            const std::stop_token& stop) {
    const auto key = load_user_key(endpoint);
    const int result = await_answer(
        session, SSH_AUTH_AGAIN,
        [&] { return ssh_userauth_publickey(session, nullptr, key.get()); }, deadline, stop);
    if (result == SSH_AUTH_DENIED || result == SSH_AUTH_PARTIAL) {
        throw Error(ErrorCode::infra,
                    endpoint_name(endpoint) + ": the key '" + endpoint.key.string() +
                        "' is refused",
                    "Add its public half to the user's authorized_keys there.");
    }
}

/// Why an attempt came to nothing, in words; thrown are only failures that waiting cannot mend.
struct Attempt {
    SshHandle session;
    std::string failure;
};

Attempt attempt_handshake(const ports::SshEndpoint& endpoint, FileDescriptor socket,
                          const Deadline& deadline, const std::stop_token& stop) {
    const auto pinned = parse_host_key(endpoint);
    Attempt attempt{make_session(endpoint, pinned, std::move(socket)), {}};
    auto* const session = attempt.session.get();
    const int connected = await_answer(
        session, SSH_AGAIN, [&] { return ssh_connect(session); }, deadline, stop);
    if (connected == SSH_OK) {
        check_host_key(session, endpoint, pinned);
        log_in(session, endpoint, deadline, stop);
        if (ssh_is_connected(session) != 0 && !deadline.passed()) {
            return attempt;
        }
    }
    const std::string text = ssh_get_error(session);
    if (text.find("server host key algo") != std::string::npos) {
        throw changed_host_key(endpoint, "none of type " + pinned.type);
    }
    attempt.failure = "no end of the SSH handshake";
    if (!text.empty()) {
        attempt.failure += " (" + cap(escape_for_terminal(text), 300) + ")";
    }
    return attempt;
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
    const auto deadline = Deadline::in(timeout);
    static_cast<void>(parse_host_key(endpoint));
    static_cast<void>(load_user_key(endpoint));
    // Both grow: a guest that just boots is found quickly, a slow one is not drowned in attempts.
    Duration pause = std::chrono::milliseconds(50);
    Duration patience = std::chrono::seconds(1);
    std::string reason;
    for (;;) {
        auto tcp = connect_to_greeting(endpoint.host, endpoint.port,
                                       std::min(patience, deadline.left()), stop);
        auto failure = tcp.failure;
        if (failure.empty()) {
            auto attempt = attempt_handshake(endpoint, std::move(tcp.socket), deadline, stop);
            if (attempt.failure.empty()) {
                return std::move(attempt.session);
            }
            failure = attempt.failure;
        }
        // An attempt that the deadline cut short says less than the one before.
        if (reason.empty() || deadline.left() > Duration::zero()) {
            reason = failure;
        }
        if (deadline.left() == Duration::zero()) {
            throw Error(ErrorCode::infra, endpoint_name(endpoint) + ": no SSH answer within " +
                                              format_duration(timeout.length) + ": " + reason);
        }
        sleep_for(std::min(pause, deadline.left()), stop);
        pause = std::min<Duration>(pause * 2, std::chrono::milliseconds(200));
        patience = std::min<Duration>(patience * 2, std::chrono::seconds(10));
    }
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
