// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"

#include "base/error.h"
#include "base/handle.h"

#include <array>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <vector>

namespace lab {

namespace {

using RawDigest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

std::string hex(const RawDigest& digest, unsigned length) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
        text += digits[digest.at(i) >> 4U];
        text += digits[digest.at(i) & 15U];
    }
    return text;
}

} // namespace

struct Sha256::State {
    Handle<EVP_MD_CTX, EVP_MD_CTX_free> context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    if (EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) != 1) {
        throw Error(ErrorCode::infra, "cannot start a SHA-256 digest");
    }
}

Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
    if (EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) != 1) {
        throw Error(ErrorCode::infra, "cannot compute a SHA-256 digest");
    }
}

std::string Sha256::finish() {
    RawDigest digest{};
    unsigned length = 0;
    if (EVP_DigestFinal_ex(state_->context.get(), digest.data(), &length) != 1) {
        throw Error(ErrorCode::infra, "cannot finish a SHA-256 digest");
    }
    return hex(digest, length);
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    RawDigest digest{};
    unsigned length = 0;
    const std::vector<unsigned char> message(bytes.begin(), bytes.end());
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(),
             digest.data(), &length) == nullptr) {
        throw Error(ErrorCode::infra, "cannot compute an HMAC");
    }
    return hex(digest, length);
}

std::string sha256_of(std::string_view bytes) {
    Sha256 digest;
    digest.update(bytes);
    return digest.finish();
}

std::string sha256_of_file(const std::filesystem::path& file) {
    const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor) {
        throw errno_error("read", file.string());
    }
    Sha256 digest;
    std::vector<char> buffer(std::size_t{1} << 20U);
    for (;;) {
        const auto count = ::read(descriptor.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            throw errno_error("read", file.string());
        }
        if (count == 0) {
            return digest.finish();
        }
        digest.update({buffer.data(), static_cast<std::size_t>(count)});
    }
}

} // namespace lab
