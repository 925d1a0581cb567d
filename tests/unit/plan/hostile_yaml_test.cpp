// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan/helpers.h"

#include <chrono>
#include <random>

namespace lab::plan::test {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

/// Far above what any refusal takes, also under sanitizers; one of quadratic cost needs minutes.
constexpr auto patience = std::chrono::seconds(10);

std::string repeated(const std::string& piece, std::size_t total) {
    std::string text;
    text.reserve(total);
    while (text.size() + piece.size() <= total) {
        text += piece;
    }
    return text;
}

struct HostileText {
    const char* name;
    std::string text;
    const char* problem;
};

void PrintTo(const HostileText& row, std::ostream* out) {
    *out << row.name;
}

class HostileYaml : public testing::TestWithParam<HostileText> {};

TEST_P(HostileYaml, IsRefusedWithTheReason) {
    const auto& row = GetParam();

    const auto config = config_of(row.text);

    EXPECT_THAT(problems_of(config), ElementsAre("lab.yaml:" + std::string(row.problem)));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, HostileYaml,
    testing::Values(
        HostileText{"AliasBomb", "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\n",
                    "1:4: anchors (&name) are not allowed"},
        HostileText{"AliasOfNothing", "sources: *a\n",
                    "1:10: this is not YAML: the referenced anchor is not defined"},
        HostileText{"AnchorOnAKey", "&a sources: {}\n", "1:1: anchors (&name) are not allowed"},
        HostileText{"AnchorOnNothing", "sources: &a\n", "1:10: anchors (&name) are not allowed"},
        HostileText{"Tag", "sources: !!python/object {}\n", "1:10: tags (!name) are not allowed"},
        HostileText{"TagOnAScalar", "hypervisor: !!str test:///default\n",
                    "1:13: tags (!name) are not allowed"},
        HostileText{"DeepFlow", repeated("[", 100'000) + repeated("]", 100'000),
                    "1:65: nested too deep (at most 64)"},
        HostileText{"DeepMaps", repeated("{a: ", 4000) + repeated("}", 1000),
                    "1:257: nested too deep (at most 64)"},
        HostileText{"DeepBlock", repeated("- ", 200'000), "1:129: nested too deep (at most 64)"},
        HostileText{"TooLarge", std::string(mebibyte + 1, '#'),
                    "1:1: the file is too large (at most 1.0 MiB)"},
        HostileText{"TooManyValues", "templates: [" + repeated("a,", mebibyte - 100) + "]\n",
                    "1:100007: too many values (at most 50000)"},
        HostileText{"Nul", std::string("sources: {}\n#\0\n", 15),
                    "2:2: a NUL byte stands here (allowed: UTF-8 text)"},
        HostileText{"Escape", "sources: {}\n# \x1b[2J\n",
                    "2:3: a control byte stands here (allowed: UTF-8 text)"},
        HostileText{"ByteOrderMark", "\xEF\xBB\xBFsources: {}\n",
                    "1:1: the text begins with a byte order mark (allowed: UTF-8 without one)"},
        HostileText{"Utf16", std::string("\xFF\xFEs\0o\0", 6),
                    "1:1: the text is UTF-16 (allowed: UTF-8)"},
        HostileText{"Latin1", "hypervisor: \"b\xFC\"\n",
                    "1:15: the text is not valid UTF-8 from here on"},
        HostileText{"SecondDocument", "sources: {}\n---\ntest_vms: {}\n",
                    "2:1: a second document begins here (allowed: one)"},
        HostileText{"MapAsKey", "{a: b}: c\n", "1:1: a key must be a word, not a list or a map"},
        HostileText{"NothingAsKey", "~: c\n", "1:1: a key is missing"},
        HostileText{"TabAsIndent", "sources:\n\tpebble: {}\n",
                    "2:8: this is not YAML: illegal map value"},
        HostileText{"OpenQuote", "hypervisor: \"test\n",
                    "2:1: this is not YAML: a quoted text is not closed"},
        HostileText{"NoMap", "just words\n", "1:1: here stands a single value (expected: keys)"},
        HostileText{"KeyWithLineBreak", "\"a\\nb\": 1\n",
                    "1:1: a\\nb: unknown key (allowed: sources, build_vms, test_vms, budget, "
                    "hypervisor, templates, notify)"},
        HostileText{"DeceptiveKey", "\"a\\u202Eb\": 1\n",
                    "1:1: a<U+202E>b: unknown key (allowed: sources, build_vms, test_vms, budget, "
                    "hypervisor, templates, notify)"}),
    [](const auto& row) { return row.param.name; });

TEST(HostileYaml, OfAHundredMebibytesIsRefused) {
    const auto config = config_of(std::string(100 * mebibyte, ' '));

    EXPECT_THAT(problems_of(config),
                ElementsAre("lab.yaml:1:1: the file is too large (at most 1.0 MiB)"));
}

TEST(HostileYaml, KeepsTheFirstHundredProblems) {
    std::string text;
    for (int i = 0; i < 5000; ++i) {
        text += "k" + std::to_string(i) + ": 1\n";
    }

    const auto config = config_of(text);

    ASSERT_FALSE(config);
    EXPECT_THAT(config.error(), SizeIs(101));
    EXPECT_EQ(config.error().back().message, "4900 more problems");
}

TEST(HostileYaml, OfManyEqualPiecesIsReadInTime) {
    for (const auto* piece : {"[",
                              "{",
                              "- ",
                              "? ",
                              "a: ",
                              "a:\n",
                              "&a ",
                              "*a ",
                              "!a ",
                              "\"",
                              "'",
                              "#",
                              "\n",
                              "%A\n",
                              "---\n",
                              "|\n",
                              ">\n ",
                              "a: |\n ",
                              ",",
                              "[],",
                              "[a,",
                              "{a: b},",
                              "x ",
                              "\\",
                              ": ",
                              "@",
                              "? - ",
                              "- ? ",
                              "\"\\u0041\": a\n",
                              " ",
                              "\t",
                              "a\n b\n",
                              "- a\n",
                              "''",
                              "...\n",
                              "k: &a v\n"}) {
        const auto text = repeated(piece, mebibyte / 16);
        const auto start = std::chrono::steady_clock::now();

        const auto config = config_of(text);

        EXPECT_LT(std::chrono::steady_clock::now() - start, patience) << piece;
        static_cast<void>(config.has_value());
    }
}

/// Changes a valid text the way a careless or hostile writer would.
class Mutator {
public:
    explicit Mutator(unsigned seed) : random_(seed) {}

    std::string mutate(std::string text) {
        for (auto changes = 1 + below(4); changes > 0 && !text.empty(); --changes) {
            change(text);
        }
        return text;
    }

private:
    std::size_t below(std::size_t limit) { return random_() % limit; }

    void change(std::string& text) {
        static const std::vector<std::string> pieces{"[",
                                                     "]",
                                                     "{",
                                                     "}",
                                                     ":",
                                                     ": ",
                                                     "- ",
                                                     "? ",
                                                     "&a ",
                                                     "*a",
                                                     "!!int ",
                                                     "|",
                                                     ">",
                                                     "\"",
                                                     "'",
                                                     "#",
                                                     "\n",
                                                     "\t",
                                                     "---\n",
                                                     "...\n",
                                                     "%YAML 9.9\n",
                                                     "\xC3",
                                                     "\xEF\xBB\xBF",
                                                     "~",
                                                     "null",
                                                     "99999999999999999999",
                                                     "-1",
                                                     "../",
                                                     "\\",
                                                     "\\x00",
                                                     ",",
                                                     "{nonce}",
                                                     std::string(1, '\0')};
        const auto at = below(text.size());
        switch (below(5)) {
        case 0:
            text.insert(at, pieces[below(pieces.size())]);
            break;
        case 1:
            text.erase(at, 1 + below(20));
            break;
        case 2:
            text[at] = static_cast<char>(below(256));
            break;
        case 3:
            text.insert(at, text.substr(below(text.size()), below(40)));
            break;
        default:
            text.resize(at);
            break;
        }
    }

    std::mt19937 random_;
};

/// Every diagnostic names a place in the file and is one line that is safe to print.
template <class T>
void expect_sound(const Parsed<T>& parsed, const std::string& text) {
    if (parsed) {
        return;
    }
    ASSERT_THAT(parsed.error(), testing::Not(testing::IsEmpty())) << text;
    for (const auto& diagnostic : parsed.error()) {
        EXPECT_THAT(diagnostic.where, testing::ContainsRegex("[.]yaml:[0-9]+:[0-9]+$")) << text;
        EXPECT_FALSE(diagnostic.message.empty()) << text;
        for (const char c : diagnostic.message) {
            EXPECT_GE(static_cast<unsigned char>(c), 0x20) << diagnostic.message;
        }
    }
}

TEST(MutatedYaml, IsReadOrRefusedWithSoundDiagnostics) {
    constexpr unsigned seed = 20250301;
    SCOPED_TRACE("seed " + std::to_string(seed));
    Mutator mutator(seed);
    std::size_t refused = 0;
    for (int round = 0; round < 700; ++round) {
        const auto config_text = mutator.mutate(valid_config);
        const auto template_text = mutator.mutate(valid_template);
        const auto benchmark_text = mutator.mutate(valid_benchmark);

        const auto config = config_of(config_text);
        const auto model = template_of(template_text);
        const auto benchmark = benchmark_of(benchmark_text);

        expect_sound(config, config_text);
        expect_sound(model, template_text);
        expect_sound(benchmark, benchmark_text);
        refused += config ? 0U : 1U;
    }
    // Both ways out are taken often, else the mutations are too tame or too wild.
    EXPECT_GT(refused, 200U);
    EXPECT_LT(refused, 690U);
}

} // namespace
} // namespace lab::plan::test
