// SPDX-License-Identifier: Apache-2.0
#include "adapters/notify/secrets.h"

#include "base/characters.h"
#include "base/error.h"
#include "base/files.h"
#include "base/handle.h"
#include "base/text.h"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lab::adapters {
namespace {

constexpr Bytes largest{4096};

/// systemd hands credentials out as it sees fit; a file of the user's own is checked.
enum class FileOwner { user, systemd };

std::string first_line(const std::string& text) {
    const auto line = text.substr(0, text.find('\n'));
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

std::string from_file(const std::filesystem::path& file, FileOwner owner) {
    // What is checked is what is read; O_NONBLOCK: opening a FIFO must not hang.
    const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!descriptor || ::fstat(descriptor.get(), &status) != 0) {
        throw errno_error("read", file.string());
    }
    if (!S_ISREG(status.st_mode)) {
        throw Error(ErrorCode::bad_input, file.string() + ": is not a regular file");
    }
    if (owner == FileOwner::user && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        throw Error(ErrorCode::bad_input,
                    file.string() + ": holds a secret that others may read (allowed: mode 0600)",
                    "chmod 600 " + shell_quote(file.string()));
    }
    if (owner == FileOwner::user && status.st_uid != ::geteuid() && status.st_uid != 0) {
        throw Error(ErrorCode::bad_input,
                    file.string() + ": holds a secret but belongs to somebody else (allowed: "
                                    "your own file, or root's)");
    }
    return first_line(read_file("/proc/self/fd/" + std::to_string(descriptor.get()), mebibytes(1)));
}

std::string from_variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) {
        throw Error(ErrorCode::not_found, "environment variable '" + name + "': is not set");
    }
    return value;
}

std::string from_credential(const std::string& name) {
    const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
    if (directory == nullptr) {
        throw Error(ErrorCode::not_found,
                    "credential '" + name + "': CREDENTIALS_DIRECTORY is not set",
                    "name it in the unit: LoadCredential=" + name + ":FILE");
    }
    return from_file(std::filesystem::path(directory) / name, FileOwner::systemd);
}

std::string read_secret(const plan::SecretRef& secret) {
    switch (secret.place) {
    case plan::SecretPlace::file:
        return from_file(secret.name, FileOwner::user);
    case plan::SecretPlace::environment:
        return from_variable(secret.name);
    case plan::SecretPlace::credential:
        return from_credential(secret.name);
    }
    return {};
}

void check(const std::string& key, const plan::Channel& channel, const std::string& value) {
    const auto what = "channel " + channel.name + ": the secret '" + key + "' of " +
                      to_string(channel.secrets.at(key));
    if (value.empty() || value.size() > largest.count ||
        std::any_of(value.begin(), value.end(), is_control)) {
        throw Error(ErrorCode::bad_input,
                    what + " is not one line (1 to 4096 bytes, no control characters)");
    }
    const bool is_http = value.starts_with("https://") || value.starts_with("http://");
    if (key == "url" && channel.type != plan::ChannelType::apprise && !is_http) {
        throw Error(ErrorCode::bad_input, what + " is not a URL (allowed: https://...)");
    }
}

} // namespace

notify::Secrets read_secrets(const plan::Channel& channel) {
    notify::Secrets secrets;
    for (const auto& [key, secret] : channel.secrets) {
        auto value = read_secret(secret);
        check(key, channel, value);
        secrets[key] = std::move(value);
    }
    return secrets;
}

} // namespace lab::adapters
