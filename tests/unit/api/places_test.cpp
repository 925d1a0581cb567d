// SPDX-License-Identifier: Apache-2.0
#include "api/places.h"

#include "base/error.h"
#include "base/files.h"

#include <gtest/gtest.h>
#include <map>

namespace lab::api {
namespace {

Environment environment_of(std::map<std::string, std::string> variables) {
    return [variables = std::move(variables)](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
}

TEST(Places, AreAllBelowLabHome) {
    const auto places = find_places(environment_of({{"LAB_HOME", "/lab"}, {"HOME", "/home/me"}}));

    EXPECT_EQ(places.user_config(), "/lab/config/lab.yaml");
    EXPECT_EQ(places.state_dir, "/lab/state");
    EXPECT_EQ(places.data_dir, "/lab/data");
    EXPECT_EQ(places.socket(), "/lab/run/labd.sock");
}

TEST(Places, OfARelativeLabHomeAreAbsolute) {
    const auto places = find_places(environment_of({{"LAB_HOME", "sub/../lab/"}}));

    EXPECT_EQ(places.state_dir, std::filesystem::current_path() / "lab/state");
}

TEST(Places, FollowXdg) {
    const auto places = find_places(environment_of({{"HOME", "/home/me"},
                                                    {"XDG_STATE_HOME", "/s"},
                                                    {"XDG_DATA_HOME", "relative/is/ignored"},
                                                    {"XDG_RUNTIME_DIR", "/run/user/7"}}));

    EXPECT_EQ(places.config_dir, "/home/me/.config/lab");
    EXPECT_EQ(places.state_dir, "/s/lab");
    EXPECT_EQ(places.data_dir, "/home/me/.local/share/lab");
    EXPECT_EQ(places.socket(), "/run/user/7/lab/labd.sock");
}

TEST(Places, PutTheSocketIntoTheStateWithoutARuntimeDirectory) {
    const auto places = find_places(environment_of({{"HOME", "/home/me"}}));

    EXPECT_EQ(places.socket(), "/home/me/.local/state/lab/run/labd.sock");
}

TEST(Places, WithoutAnyHomeAreAnError) {
    EXPECT_THROW((void)find_places(environment_of({})), Error);
}

TEST(Places, AllowASocketPathOf107BytesAndNoMore) {
    const std::string rest = "/run/labd.sock";
    const auto home = [&](std::size_t total) {
        return "/" + std::string(total - rest.size() - 1, 'x');
    };

    EXPECT_EQ(find_places(environment_of({{"LAB_HOME", home(107)}})).socket().native().size(), 107);
    try {
        (void)find_places(environment_of({{"LAB_HOME", home(108)}}));
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::bad_input);
        EXPECT_NE(
            std::string(error.what()).find("state path too long for a unix socket (108 > 107)"),
            std::string::npos);
    }
}

class SearchTest : public testing::Test {
protected:
    TemporaryDirectory directory_{testing::TempDir(), "places"};
    Places places_ = find_places(environment_of({{"LAB_HOME", directory_.path() / "home"}}));
};

TEST_F(SearchTest, ChosenTemplatesComeBeforeTheUsers) {
    const auto chosen = directory_.path() / "chosen";
    make_directory(chosen);
    make_directory(places_.user_templates());

    const auto path = template_search_path(places_, environment_of({{"LAB_TEMPLATES", chosen}}));

    EXPECT_EQ(path, (std::vector{chosen, places_.user_templates()}));
}

TEST_F(SearchTest, ShippedTemplatesAreFoundInTheSourceTree) {
    const auto path = template_search_path(places_, environment_of({}));

    ASSERT_EQ(path.size(), 1);
    EXPECT_TRUE(std::filesystem::is_directory(path[0]));
}

TEST_F(SearchTest, TheNearestConfigUpwardWins) {
    const auto deep = directory_.path() / "a/b/c";
    make_directory(deep);
    write_file(directory_.path() / "lab.yaml", "");
    write_file(directory_.path() / "a/lab.yaml", "");

    EXPECT_EQ(find_config(deep, places_), directory_.path() / "a/lab.yaml");
}

TEST_F(SearchTest, TheUsersConfigIsTheLastResort) {
    make_directory(places_.config_dir);
    write_file(places_.user_config(), "");

    EXPECT_EQ(find_config("/", places_), places_.user_config());
}

TEST_F(SearchTest, NoConfigIsNothing) {
    EXPECT_EQ(find_config("/", places_), std::nullopt);
}

} // namespace
} // namespace lab::api
