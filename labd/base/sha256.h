// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace lab {

/// Incremental SHA-256 (FIPS 180-4, by OpenSSL). Not thread-safe.
class Sha256 {
public:
    Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    ~Sha256();

    void update(std::string_view bytes);

    /// Digest as 64 lower-case hex digits; the object must not be used afterwards.
    [[nodiscard]] std::string finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Digest of a text as 64 lower-case hex digits.
[[nodiscard]] std::string sha256_of(std::string_view bytes);

/// HMAC-SHA256 of a text (RFC 2104) as 64 lower-case hex digits.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// Digest of a file's content.
/// @throws Error  not_found or infra when the file cannot be read.
[[nodiscard]] std::string sha256_of_file(const std::filesystem::path& file);

} // namespace lab
