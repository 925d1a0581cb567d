// SPDX-License-Identifier: Apache-2.0
#include "base/terminal_filter.h"

#include <gtest/gtest.h>
#include <random>

namespace lab {
namespace {

std::string filtered(std::string_view bytes) {
    return TerminalFilter().feed(bytes);
}

struct Row {
    const char* name;
    std::string bytes;
    std::string shown;
};

void PrintTo(const Row& row, std::ostream* out) {
    *out << row.name;
}

class TerminalFilterShows : public testing::TestWithParam<Row> {};

TEST_P(TerminalFilterShows, TheSameHoweverTheStreamIsCut) {
    const auto& [name, bytes, shown] = GetParam();

    EXPECT_EQ(filtered(bytes), shown);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        TerminalFilter filter;
        auto out = filter.feed(std::string_view(bytes).substr(0, cut));
        out += filter.feed(std::string_view(bytes).substr(cut));
        EXPECT_EQ(out, shown) << "cut at " << cut;
    }
    TerminalFilter filter;
    std::string out;
    for (const char byte : bytes) {
        out += filter.feed(std::string_view(&byte, 1));
    }
    EXPECT_EQ(out, shown) << "byte by byte";
}

/// What passes unchanged.
Row same(const char* name, const std::string& bytes) {
    return {name, bytes, bytes};
}

INSTANTIATE_TEST_SUITE_P(
    Drawing, TerminalFilterShows,
    testing::Values(same("Text", "root@guest:~# ls\r\n\ta \b\a"),
                    same("Utf8", "größe \xE2\x82\xAC \xF0\x9F\x90\x9E"),
                    same("Colours", "\x1b[0;1;31mred\x1b[m \x1b[38;5;9m\x1b[48;2;1;2;3m\x1b[4:3m"),
                    same("Cursor", "\x1b[H\x1b[2;3H\x1b[5A\x1b[s\x1b[u\x1b"
                                   "7\x1b"
                                   "8\x1b[12G\x1b[3d"),
                    same("Erasing", "\x1b[2J\x1b[K\x1b[?J\x1b[3X\x1b[2P\x1b[L\x1b[M\x1b[@"),
                    same("Scrolling", "\x1b[1;24r\x1b"
                                      "D\x1b"
                                      "M\x1b[2S\x1b[T"),
                    same("FullScreen",
                         "\x1b[?1049h\x1b[?25l\x1b[?1h\x1b=\x1b[?12;25h\x1b[?1049l\x1b>"),
                    same("LineDrawing", "\x1b(0lqk\x1b(B\x0e\x0f"),
                    same("Reset", "\x1b"
                                  "c\x1b[!p\x1b[2 q"),
                    same("InsertMode", "\x1b[4hx\x1b[4l"), same("BracketedPaste", "\x1b[?2004h")),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Dropping, TerminalFilterShows,
    testing::Values(
        Row{"Clipboard", "a\x1b]52;c;cm0gLXJmIH4K\x07z", "az"},
        Row{"ClipboardWithSt", "a\x1b]52;c;cm0=\x1b\\z", "az"},
        Row{"Title", "a\x1b]0;evil\x07z", "az"}, Row{"TitleReport", "a\x1b[21tz", "az"},
        Row{"Window", "a\x1b[8;1;1t\x1b[3;0;0tz", "az"},
        Row{"StatusReport", "a\x1b[5n\x1b[6n\x1b[?6nz", "az"},
        Row{"Attributes", "a\x1b[c\x1b[0c\x1b[>c\x1b[=c\x1bZz", "az"},
        Row{"Answerback", "a\x05z", "az"}, Row{"ModeReport", "a\x1b[?25$p\x1b[4$pz", "az"},
        Row{"Checksum", "a\x1b[1;1;1;1;5;5*yz", "az"},
        Row{"TerminalParameters", "a\x1b[x\x1b[1xz", "az"},
        Row{"SettingReport", "a\x1bP$qm\x1b\\z", "az"},
        Row{"ColourReport", "a\x1b]10;?\x07\x1b]4;1;?\x1b\\z", "az"},
        Row{"MacroAndKeys", "a\x1bP1;0|17/6c730a\x1b\\z", "az"},
        Row{"ApcPmSos", "a\x1b_G\x1b\\\x1b^p\x1b\\\x1bXs\x1b\\z", "az"},
        Row{"Mouse", "a\x1b[?1000h\x1b[?1003;1006h\x1b[?1004hz", "az"},
        Row{"OneBadModeOfTwo", "a\x1b[?25;1000hz", "az"}, Row{"KeyboardLock", "a\x1b[2hz", "az"},
        Row{"KeyReports", "a\x1b[>4;2m\x1b[>1u\x1b[?uz", "az"},
        Row{"Printer", "a\x1b[5i\x1b[?5iz", "az"}, Row{"GraphicsQuery", "a\x1b[?1;1;0Sz", "az"},
        Row{"OtherCharacterSet", "a\x1b%@\x1b Gz", "az"}, Row{"FlowControl", "a\x13\x11z", "az"},
        Row{"LinuxPalette", "a\x1b]P0ff0000z\x1b]Rz", "azz"},
        Row{"UnknownFinal", "a\x1b[1zb\x1b[1~\x1b[?1zz", "abz"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Tricks, TerminalFilterShows,
    testing::Values(Row{"C1AsBytes",
                        "a\x9b"
                        "5nz",
                        "a\xEF\xBF\xBD"
                        "5nz"},
                    Row{"C1AsCharacters",
                        "a\xC2\x9B"
                        "5n\xC2\x9D"
                        "0;t\xC2\x9Cz",
                        "a\xEF\xBF\xBD"
                        "5n\xEF\xBF\xBD"
                        "0;t\xEF\xBF\xBDz"},
                    Row{"OverlongEscape", "a\xC0\x9B[5nz", "a\xEF\xBF\xBD\xEF\xBF\xBD[5nz"},
                    Row{"CutCharacter", "a\xE2\x82\x1b[5nz", "a\xEF\xBF\xBDz"},
                    Row{"Surrogate", "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
                    Row{"ControlsInASequence",
                        "a\x1b[3\r\x05"
                        "1mz",
                        "a\r\x1b[31mz"},
                    Row{"SequenceInASequence", "a\x1b[3\x1b[5nz", "az"},
                    Row{"SequenceInAString", "a\x1b]0;t\x1b[5nz\x07", "az\a"},
                    Row{"CancelledSequence", "a\x1b[5\x18nz", "anz"},
                    Row{"HighByteInASequence", "a\x1b[5\xE2\x82\xACz", "a\xE2\x82\xACz"},
                    Row{"StringThatALineEnds", "a\x1b]0;half\nKernel panic", "aKernel panic"},
                    Row{"LongSequence", "a\x1b[" + std::string(200, '1') + "mz", "az"},
                    Row{"LongString", "a\x1b]" + std::string(4096, 'x') + "z", "az"}),
    [](const auto& row) { return row.param.name; });

/// Fixed seed: 20000 streams of what such sequences are made of.
TEST(TerminalFilter, LetsNothingOutThatItWouldNotLetOutAgain) {
    constexpr std::string_view alphabet =
        "\x1b\x1b\x1b[]P_^X?>;:015n$ctz\\\a\x9b\xC2\x9d\x05\n q!h";
    std::mt19937 random(4711);
    std::uniform_int_distribution<std::size_t> index(0, alphabet.size() - 1);
    for (int round = 0; round < 20000; ++round) {
        std::string bytes;
        for (int i = 0; i < 24; ++i) {
            bytes += alphabet[index(random)];
        }

        const auto once = filtered(bytes);

        ASSERT_EQ(filtered(once), once);
        for (const char* answered :
             {"\x1b]", "\x1bP", "\x1b[c", "\x1b[5n", "\x1bZ", "\x05", "\x9b\x9b"}) {
            ASSERT_EQ(once.find(answered), std::string::npos);
        }
    }
}

} // namespace
} // namespace lab
