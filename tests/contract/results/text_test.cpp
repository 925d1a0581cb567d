// SPDX-License-Identifier: Apache-2.0
// The texts of stores: URLs, passwords, CSV. No server is needed.
#include "adapters/results/csv_text.h"
#include "adapters/results/passwords.h"
#include "base/error.h"
#include "base/files.h"

#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::adapters {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

StoreUrl url_of(const std::string& text) {
    return value_or_throw(parse_store_url(text));
}

std::string refusal(const std::string& text) {
    const auto url = parse_store_url(text);
    std::string all;
    if (!url) {
        for (const auto& problem : url.error()) {
            all += problem.where + ": " + problem.message + " " + problem.hint + "\n";
        }
    }
    return all;
}

TEST(StoreUrl, HasFourKindsAndADirectoryByDefault) {
    EXPECT_EQ(url_of("csv:///a/b c").path, "/a/b c");
    EXPECT_EQ(url_of("sqlite:///a/%41.db").path, "/a/%41.db");
    EXPECT_EQ(url_of("/a/../b").path, "/b");
    EXPECT_EQ(url_of("x").path, std::filesystem::current_path() / "x");
    EXPECT_EQ(url_of("x").kind, StoreKind::csv);
    const auto mysql = url_of("mysql://u%40x@db.example:3307/lab?password_env=PW");
    EXPECT_EQ(mysql.user, "u@x");
    EXPECT_EQ(mysql.host, "db.example");
    EXPECT_EQ(mysql.port, 3307);
    EXPECT_EQ(mysql.database, "lab");
    EXPECT_EQ(mysql.password_env, "PW");
    const auto postgresql = url_of("postgresql://[::1]:5433/lab?socket=/run/x&password_file=/p");
    EXPECT_EQ(postgresql.host, "::1");
    EXPECT_EQ(postgresql.port, 5433);
    EXPECT_EQ(postgresql.socket, "/run/x");
    EXPECT_EQ(url_of("postgres://h/lab").kind, StoreKind::postgresql);
}

TEST(StoreUrl, IsPrintedWithoutItsOptions) {
    EXPECT_EQ(url_of("mysql://u@h:1/d?password_file=/secret/place").text(), "mysql://u@h:1/d");
    EXPECT_EQ(url_of("postgresql://[::1]/d").text(), "postgresql://[::1]/d");
    EXPECT_EQ(url_of("sqlite:///a").text(), "sqlite:///a");
}

TEST(StoreUrl, RefusesAPasswordWithoutRepeatingIt) {
    for (const auto* text :
         {"mysql://u:hunter2@h/d", "mysql://u@h/d?password=hunter2", "postgresql://u:hunter2@h/d",
          "mysql://u@h:hunter2/d", "mysql://u:hunter2@h/d?password_file=x&nonsense=hunter2"}) {
        EXPECT_THAT(refusal(text), HasSubstr("password")) << text;
        EXPECT_THAT(refusal(text), Not(HasSubstr("hunter2"))) << text;
    }
}

TEST(StoreUrl, RefusesEverythingElseWithAllProblems) {
    for (const auto* text : {"",
                             "http://h/d",
                             "csv://relative",
                             "sqlite:///",
                             "mysql://h",
                             "mysql://h/a/b",
                             "mysql://h:0/d",
                             "mysql://h:99999/d",
                             "mysql://[::1/d",
                             "mysql://h/d?x=1",
                             "mysql://h/%zz",
                             "mysql://h/%4",
                             "mysql://h/d?password_env=A&password_file=B",
                             "mysql://h/d?tls=maybe",
                             "mysql://h/d?ca=relative.pem",
                             "mysql://h/d?tls=disable&ca=/c",
                             "mysql://h/d?socket=/s",
                             "postgresql://h/d?socket=/s",
                             "mysql://localhost/d?socket=/s&ca=/c",
                             "postgresql:///d?socket=/s&tls=require"}) {
        EXPECT_NE(refusal(text), "") << text;
    }
    const auto all = refusal("mysql://u:x@h:y/d/e?z=1");
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 4) << all;
}

TEST(StoreUrl, NeedsTlsForEverythingButSocketsAndLoopback) {
    for (const auto* text :
         {"mysql://localhost/d", "mysql:///d", "mysql://localhost/d?socket=/s",
          "mysql://127.0.0.1/d", "mysql://127.255.3.4:3306/d", "mysql://[::1]/d",
          "postgresql://localhost/d", "postgresql://127.0.0.1:5432/d", "postgresql://[::1]/d",
          "postgresql:///d?socket=/run/postgresql", "mysql://db.example/d?tls=disable"}) {
        EXPECT_FALSE(url_of(text).needs_tls()) << text;
    }
    // What a resolver reads as loopback in another spelling, and what only begins like it, too.
    for (const auto* text :
         {"mysql://db.example/d", "mysql://10.0.0.1/d", "mysql://127.1/d", "mysql://2130706433/d",
          "mysql://0177.0.0.1/d", "mysql://127.0.0.1.example/d", "mysql://localhost.example/d",
          "mysql://128.0.0.1/d", "mysql://[::2]/d", "mysql://[::ffff:10.0.0.1]/d",
          "postgresql://0/d", "postgresql:///d", "mysql://localhost/d?tls=require",
          "postgresql://127.0.0.1/d?ca=/etc/ca.pem"}) {
        EXPECT_TRUE(url_of(text).needs_tls()) << text;
    }
    EXPECT_EQ(url_of("mysql://h/d?ca=/a%20b.pem").ca, "/a b.pem");
}

TEST(StoreUrl, RefusesAHostThatClientLibrariesReadAsMore) {
    for (const auto* text :
         {"mysql://localhost%3Bhost=db.example/d", "mysql://a,b/d", "mysql://a=b/d",
          "mysql://x%3A%2F%2Fy/d", "postgresql://%2Frun%2Fpostgresql/d", "postgresql://@x@y z/d"}) {
        EXPECT_THAT(refusal(text), HasSubstr("no name or address")) << text;
    }
}

class Passwords : public testing::Test {
protected:
    [[nodiscard]] std::string write(const std::string& text, FileAccess access) const {
        const auto file = directory_.path() / "secret";
        write_file(file, text, access);
        return file.string();
    }

    TemporaryDirectory directory_{std::filesystem::temp_directory_path(), "lab-secret-"};
};

TEST_F(Passwords, ComeFromAFileThatNobodyElseReads) {
    const auto file = write("a b'c\nmore\n", FileAccess::owner_only);
    EXPECT_EQ(find_credentials(url_of("mysql://u@h/d?password_file=" + file), "").password,
              "a b'c");

    (void)write("hunter2\n", FileAccess::everyone);
    try {
        (void)find_credentials(url_of("mysql://u@h/d?password_file=" + file), "");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_input);
        EXPECT_THAT(error.what(), Not(HasSubstr("hunter2")));
        EXPECT_THAT(error.hint(), HasSubstr("chmod 600"));
    }
    EXPECT_THROW((void)find_credentials(url_of("mysql://u@h/d?password_file=/nowhere"), ""), Error);
    const auto endless = "/tmp/" + std::string(900, 'x');
    EXPECT_THROW((void)find_credentials(url_of("mysql://u@h/d"), endless), Error);
}

TEST_F(Passwords, ComeFromTheEnvironment) {
    ::setenv("LAB_TEST_SECRET", "pw", 1);
    EXPECT_EQ(
        find_credentials(url_of("postgresql://h/d?password_env=LAB_TEST_SECRET"), "").password,
        "pw");
    ::unsetenv("LAB_TEST_SECRET");

    EXPECT_THROW(
        (void)find_credentials(url_of("postgresql://h/d?password_env=LAB_TEST_SECRET"), ""), Error);
}

TEST_F(Passwords, ComeFromMysqlsOptionFile) {
    const auto file = write("[mysqld]\npassword=no\n[client]\n# c\nuser = me\npassword = \"p=w\"\n",
                            FileAccess::owner_only);

    const auto found = find_credentials(url_of("mysql://h/d"), file);
    EXPECT_EQ(found.user, "me");
    EXPECT_EQ(found.password, "p=w");
    EXPECT_EQ(find_credentials(url_of("mysql://other@h/d"), file).user, "other");
    EXPECT_FALSE(find_credentials(url_of("postgresql://h/d"), file).password);
    EXPECT_FALSE(find_credentials(url_of("mysql://h/d"), directory_.path() / "none").password);
}

TEST_F(Passwords, AreTakenOutOfMessages) {
    EXPECT_EQ(without_secret("a pw b pw", {"u", "pw"}), "a *** b ***");
    EXPECT_EQ(without_secret("a pw", {"u", ""}), "a pw");
    EXPECT_EQ(without_secret("a pw", {"u", std::nullopt}), "a pw");
}

TEST(Csv, GivesBackFieldsOfAnyText) {
    const std::vector<std::string> fields{"",    "a,b",          "\"q\"", "x\r\ny",
                                          " s ", "\xE2\x82\xAC", "\""};

    const auto parsed = parse_csv(csv_record(fields) + csv_record({"", ""}));

    ASSERT_EQ(parsed.records.size(), 2U);
    EXPECT_EQ(parsed.records[0], fields);
    EXPECT_THAT(parsed.records[1], ElementsAre("", ""));
    EXPECT_FALSE(parsed.bad);
}

TEST(Csv, CountsOnlyCompleteRecords) {
    const auto whole = csv_record({"a", "b\r\nc"});
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        const auto parsed = parse_csv(whole + whole.substr(0, cut));

        EXPECT_EQ(parsed.records.size(), 1U) << cut;
        EXPECT_EQ(parsed.complete, whole.size()) << cut;
        EXPECT_FALSE(parsed.bad) << cut;
    }
    EXPECT_EQ(parse_csv("a,b\nc,d\n").records.size(), 2U);
}

TEST(Csv, RefusesQuotesInTheMiddleOfAField) {
    EXPECT_EQ(parse_csv("a\r\nb\"c\r\n").bad, 2U);
    EXPECT_EQ(parse_csv("\"a\"b\r\n").bad, 1U);
}

} // namespace
} // namespace lab::adapters
