// SPDX-License-Identifier: Apache-2.0
#include "adapters/results/passwords.h"

#include "base/files.h"
#include "base/handle.h"
#include "base/text.h"

#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>

namespace lab::adapters {
namespace {

/// A file that is opened once: what is checked is what is read, whatever its name leads to then.
class SecretFile {
public:
    explicit SecretFile(const std::filesystem::path& file)
        // O_NONBLOCK: opening a FIFO must not hang.
        : name_(file.string()),
          descriptor_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
        if (!descriptor_ || ::fstat(descriptor_.get(), &status_) != 0) {
            throw errno_error("read", name_);
        }
    }

    void refuse_unless_private() const {
        if ((status_.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
            throw Error(ErrorCode::bad_input,
                        name_ + ": holds a password that others may read (allowed: mode 0600)",
                        "chmod 600 " + shell_quote(name_));
        }
    }

    [[nodiscard]] std::string text() const {
        if (!S_ISREG(status_.st_mode)) {
            throw Error(ErrorCode::bad_input, name_ + ": is not a regular file");
        }
        return read_file("/proc/self/fd/" + std::to_string(descriptor_.get()), mebibytes(1));
    }

private:
    std::string name_;
    FileDescriptor descriptor_;
    struct stat status_ {};
};

std::string password_of_file(const std::filesystem::path& name) {
    const SecretFile file(name);
    file.refuse_unless_private();
    const auto text = file.text();
    const auto line = text.substr(0, text.find('\n'));
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

std::string password_of_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) {
        throw Error(ErrorCode::bad_input, "password_env: the environment variable '" +
                                              cap(escape_for_terminal(name), 80) + "' is not set");
    }
    return value;
}

/// The value of an option file's line, without quotes around it.
std::string option_value(std::string_view text) {
    auto value = trim(text);
    const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                        value.back() == value.front();
    return std::string(quoted ? value.substr(1, value.size() - 2) : value);
}

/// What MySQL's own client would use; `user` stays when the URL names one.
Credentials read_option_file(const std::filesystem::path& place, const std::string& user) {
    Credentials credentials{user, std::nullopt};
    if (!path_exists(place)) {
        return credentials;
    }
    const SecretFile file(place);
    bool inside = false;
    for (const auto& raw : split(file.text(), '\n')) {
        const auto line = trim(raw);
        if (line.starts_with('[')) {
            inside = line == "[client]" || line == "[client-mariadb]" || line == "[client-server]";
        }
        const auto equal = line.find('=');
        if (!inside || line.starts_with('#') || equal == std::string_view::npos) {
            continue;
        }
        const auto name = trim(line.substr(0, equal));
        if (name == "password") {
            credentials.password = option_value(line.substr(equal + 1));
        } else if (name == "user" && user.empty()) {
            credentials.user = option_value(line.substr(equal + 1));
        }
    }
    if (credentials.password) {
        file.refuse_unless_private();
    }
    return credentials;
}

} // namespace

Credentials find_credentials(const StoreUrl& url, const std::filesystem::path& option_file) {
    if (!url.password_file.empty()) {
        return {url.user, password_of_file(url.password_file)};
    }
    if (!url.password_env.empty()) {
        return {url.user, password_of_environment(url.password_env)};
    }
    if (url.kind == StoreKind::mysql && !option_file.empty()) {
        return read_option_file(option_file, url.user);
    }
    return {url.user, std::nullopt};
}

std::string without_secret(std::string text, const Credentials& credentials) {
    const auto secret = credentials.password.value_or("");
    for (auto at = text.find(secret); !secret.empty() && at != std::string::npos;
         at = text.find(secret, at + 3)) {
        text.replace(at, secret.size(), "***");
    }
    return text;
}

} // namespace lab::adapters
