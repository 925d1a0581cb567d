// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "base/files.h"
#include "base/sha256.h"

#include <gtest/gtest.h>

namespace lab {
namespace {

// Test vectors of FIPS 180-4.
constexpr const char* digest_of_nothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* digest_of_abc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* digest_of_million =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(Sha256, GivesTheKnownDigests) {
    EXPECT_EQ(sha256_of(""), digest_of_nothing);
    EXPECT_EQ(sha256_of("abc"), digest_of_abc);
    EXPECT_EQ(sha256_of(std::string(1'000'000, 'a')), digest_of_million);
}

TEST(Sha256, DoesNotDependOnHowTheBytesCome) {
    Sha256 digest;
    digest.update("a");
    digest.update("");
    digest.update("bc");

    EXPECT_EQ(digest.finish(), digest_of_abc);
}

TEST(Sha256, OfAFileIsThatOfItsContent) {
    const TemporaryDirectory directory(std::filesystem::temp_directory_path(), "lab-test-");
    // More than one read's worth.
    const std::string content((std::size_t{1} << 20U) + 17, 'x');
    write_file(directory.path() / "a", content);

    EXPECT_EQ(sha256_of_file(directory.path() / "a"), sha256_of(content));
    EXPECT_THROW(static_cast<void>(sha256_of_file(directory.path() / "none")), Error);
}

} // namespace
} // namespace lab
