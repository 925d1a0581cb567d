// SPDX-License-Identifier: Apache-2.0
#include "tests/arch/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lab::arch {
namespace {

using testing::ElementsAre;
using testing::Pair;

const Layers layers{
    {"base", {}}, {"core", {"base"}}, {"adapters", {"base", "core"}}, {"main", {"*"}}};

TEST(Layers, AreReadFromTheirBlock) {
    const auto read = parse_layers("text: x\n```cpp\nno: y\n```\n```layers\nbase:\n"
                                   "core: base\nmain: *\n```\nafter: z\n");

    EXPECT_EQ(read, (Layers{{"base", {}}, {"core", {"base"}}, {"main", {"*"}}}));
}

TEST(Layers, AreTheFoldersOfTheTree) {
    EXPECT_EQ(layer_of("labd/core/commit.h"), "core");
    EXPECT_EQ(layer_of("labd/engine/steps/build.cpp"), "engine");
    EXPECT_EQ(layer_of("labd/adapters/git/repo.cpp"), "adapters/git");
    EXPECT_EQ(layer_of("labd/main.cpp"), "main");
    EXPECT_EQ(layer_of("images/store.h"), "images");
    EXPECT_EQ(layer_of("cli/commands/build.cpp"), "cli");
    EXPECT_EQ(layer_of("cli/main/main.cpp"), "main");
    EXPECT_EQ(layer_of("tests/unit/core/x.cpp"), "");
}

TEST(Includes, DownwardAreAllowed) {
    const SourceFile file{"labd/core/a.h", "#include \"base/b.h\"\n#include \"core/c.h\"\n"
                                           "#include <server/not-ours.h>\n"};

    EXPECT_THAT(forbidden_includes(file, layers), ElementsAre());
}

TEST(Includes, UpwardAreFound) {
    const SourceFile file{"labd/base/a.h", "// x\n#include \"core/c.h\"\n # include \"c.h\"\n"};

    EXPECT_THAT(forbidden_includes(file, layers),
                ElementsAre("labd/base/a.h:2: base must not include \"core/c.h\"",
                            "labd/base/a.h:3: base must not include \"c.h\""));
}

TEST(Includes, OfAnotherAdapterAreFound) {
    const SourceFile file{"labd/adapters/git/a.cpp",
                          "#include \"adapters/git/a.h\"\n#include \"adapters/ssh/b.h\"\n"};

    EXPECT_THAT(forbidden_includes(file, layers),
                ElementsAre("labd/adapters/git/a.cpp:2: adapters/git must not include "
                            "\"adapters/ssh/b.h\""));
}

TEST(Includes, OfAFolderThatIsNoLayerAreFound) {
    const SourceFile file{"labd/new/a.cpp", "#include \"base/a.h\"\n"};

    EXPECT_THAT(forbidden_includes(file, layers),
                ElementsAre("labd/new/a.cpp:1: 'new' is not in the list of layers"));
}

TEST(Includes, OfMainAreFree) {
    EXPECT_THAT(forbidden_includes({"labd/main.cpp", "#include \"adapters/git/a.h\"\n"}, layers),
                ElementsAre());
}

TEST(PureMethods, AreCountedForEachClass) {
    const auto* const text = R"(
        class One : public Base {
        public:
            virtual void a() = 0;
            [[nodiscard]] virtual int b(int x = 0) const = 0;  // virtual void no() = 0;
            virtual void c();
            int limit = 0;
        };
        enum class Kind { a };
        struct Two {
            struct Inner { virtual void d() = 0; };
            virtual void e(
                int x) = 0;
            void f() { int x = 0; }
            const char* text = "virtual void no() = 0;";
        };)";

    EXPECT_THAT(pure_methods(text), ElementsAre(Pair("Inner", 1), Pair("One", 2), Pair("Two", 1)));
}

TEST(Comments, AndStringsAreTakenOut) {
    EXPECT_EQ(without_comments_and_strings("a // b\nc /* d\n */ e"), "a  \nc   e");
    EXPECT_EQ(without_comments_and_strings("f(\"{\\\"\", '}', 1'000)"), "f( ,  , 1'000)");
    EXPECT_EQ(without_comments_and_strings("x = R\"(\"{)\" ;"), "x =   ;");
    EXPECT_EQ(without_comments_and_strings("a /* b"), "a  ");
}

TEST(Dumps, OfForeignBytesSayWhatIsDone) {
    const std::string careful = "x = j.dump(-1, ' ', false,\n  json::error_handler_t::replace);";

    EXPECT_EQ(plain_dumps({"a.cpp", careful + "\ny = j.dump();"}),
              std::vector<std::string>{"a.cpp:3"});
}

TEST(Lines, AreCounted) {
    EXPECT_EQ(line_count(""), 0U);
    EXPECT_EQ(line_count("a"), 1U);
    EXPECT_EQ(line_count("a\n"), 1U);
    EXPECT_EQ(line_count("a\n\nb"), 3U);
}

TEST(Licence, IsLookedForAtTheTop) {
    EXPECT_TRUE(has_licence("// SPDX-License-Identifier: Apache-2.0\n"));
    EXPECT_TRUE(has_licence("#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"));
    EXPECT_TRUE(has_licence("// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0\n"));
    EXPECT_FALSE(has_licence("\n// SPDX-License-Identifier: Apache-2.0\n"));
    EXPECT_FALSE(has_licence("// SPDX-License-Identifier: MIT\n"));
    EXPECT_FALSE(has_licence(""));
}

TEST(Licence, IsNeededInSourcesAndScripts) {
    EXPECT_TRUE(needs_licence({"labd/base/a.cpp", ""}));
    EXPECT_TRUE(needs_licence({"tests/CMakeLists.txt", ""}));
    EXPECT_TRUE(needs_licence({"script/test", "#!/bin/sh\n"}));
    EXPECT_FALSE(needs_licence({"docs/glossary.md", ""}));
    EXPECT_FALSE(needs_licence({"CMakePresets.json", ""}));
    EXPECT_FALSE(needs_licence({"tests/golden/a.sh", "#!/bin/sh\n"}));
}

} // namespace
} // namespace lab::arch
