// SPDX-License-Identifier: Apache-2.0
// What a database server hears before it has proved who it is.
#include "base/error.h"
#include "tests/contract/results/database_server.h"
#include "tests/contract/results/places.h"
#include "tests/contract/results/wiretap.h"

#include <gmock/gmock.h>

namespace lab::test {
namespace {

using adapters::StoreKind;
using ports::OpenMode;
using testing::HasSubstr;
using testing::Not;

/// A spelling of 127.0.0.1 that is not taken for loopback: as good as another host, and never one.
constexpr const char* elsewhere = DatabaseServer::certified_host;

class DatabaseTls : public testing::TestWithParam<StoreKind> {
protected:
    [[nodiscard]] DatabaseServer& server() const {
        return GetParam() == StoreKind::mysql ? mariadb() : postgresql();
    }

    [[nodiscard]] std::unique_ptr<Wiretap> tap(Wiretap::Tls tls) const {
        return std::make_unique<Wiretap>(GetParam(), server().address(), server().port(), tls);
    }

    /// A new database behind a wiretap.
    [[nodiscard]] std::string url(const Wiretap& tap, const std::string& host,
                                  const std::string& options = "") {
        const auto* const scheme = GetParam() == StoreKind::mysql ? "mysql" : "postgresql";
        return std::string(scheme) + "://writer@" + host + ":" + std::to_string(tap.port()) + "/" +
               server().make_database() +
               "?password_file=" + (places_.directory() / "password").string() + options;
    }

    /// Why a store is not opened.
    [[nodiscard]] std::string refusal(const std::string& url) const {
        try {
            places_.open(url, OpenMode::append)->append(samples({1}));
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::infra);
            EXPECT_THAT(error.hint(), HasSubstr("?tls=disable"));
            EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
            return error.what();
        }
        return "";
    }

    void expect_store(const std::string& url) const {
        EXPECT_GT(places_.open(url, OpenMode::append)->append(samples({1, 2})), 0U);
        EXPECT_EQ(places_.open(url, OpenMode::read)->read({}), samples({1, 2}));
    }

    static void expect_no_secret(const std::string& said) {
        EXPECT_NE(said, "");
        EXPECT_THAT(said, Not(HasSubstr("writer")));
        EXPECT_THAT(said, Not(HasSubstr(DatabaseServer::password)));
    }

    StorePlaces places_;
};

TEST_P(DatabaseTls, AServerElsewhereWithoutItIsNotToldWhoAsks) {
    const auto tap = this->tap(Wiretap::Tls::denied);
    const auto place = url(*tap, elsewhere);

    EXPECT_THAT(refusal(place), HasSubstr("://writer@127.1:"));

    const auto said = tap->said();
    EXPECT_THAT(said, Not(HasSubstr("writer")));
    EXPECT_THAT(said, Not(HasSubstr(DatabaseServer::password)));
}

TEST_P(DatabaseTls, IsLeftOutWhereTheUserSaysSo) {
    const auto tap = this->tap(Wiretap::Tls::denied);

    expect_store(url(*tap, elsewhere, "&tls=disable"));

    EXPECT_THAT(tap->said(), HasSubstr("writer"));
}

TEST_P(DatabaseTls, ACertificateThatNobodyVouchesForIsRefused) {
    const auto tap = this->tap(Wiretap::Tls::passed_on);

    EXPECT_THAT(refusal(url(*tap, elsewhere)), HasSubstr("certificate"));

    expect_no_secret(tap->said());
}

TEST_P(DatabaseTls, ACertificateForAnotherNameIsRefused) {
    const auto tap = this->tap(Wiretap::Tls::passed_on);

    EXPECT_NE(refusal(url(*tap, "127.0.1", "&ca=" + server().certificate().string())), "");

    expect_no_secret(tap->said());
}

TEST_P(DatabaseTls, HidesEverythingOnceTheCertificateIsKnown) {
    const auto tap = this->tap(Wiretap::Tls::passed_on);

    expect_store(url(*tap, elsewhere, "&ca=" + server().certificate().string()));

    expect_no_secret(tap->said());
}

TEST_P(DatabaseTls, IsNotNeededOnLoopbackUnlessAskedFor) {
    const auto tap = this->tap(Wiretap::Tls::denied);

    expect_store(url(*tap, "127.0.0.1"));
    EXPECT_THAT(tap->said(), HasSubstr("writer"));

    const auto strict = this->tap(Wiretap::Tls::denied);
    EXPECT_NE(refusal(url(*strict, "127.0.0.1", "&tls=require")), "");
    EXPECT_THAT(strict->said(), Not(HasSubstr("writer")));
}

INSTANTIATE_TEST_SUITE_P(Kinds, DatabaseTls,
                         testing::Values(StoreKind::mysql, StoreKind::postgresql), kind_name);

} // namespace
} // namespace lab::test
