#include "simulator/base/shown_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace windtunnel {
namespace {

TEST(Utf8Length, CountsTheBytesOfValidCharactersOnly) {
  EXPECT_EQ(utf8_length("a"), 1u);
  EXPECT_EQ(utf8_length("\xC3\xA4"), 2u);          // U+00E4
  EXPECT_EQ(utf8_length("\xE2\x82\xAC"), 3u);      // U+20AC
  EXPECT_EQ(utf8_length("\xF0\x9F\x98\x80"), 4u);  // U+1F600
  EXPECT_EQ(utf8_length("\x80"), 0u);              // a continuation without a lead
  EXPECT_EQ(utf8_length("\xC0\x80"), 0u);          // overlong NUL
  EXPECT_EQ(utf8_length("\xE0\x80\x80"), 0u);      // overlong NUL in three
  EXPECT_EQ(utf8_length("\xED\xA0\x80"), 0u);      // a surrogate
  EXPECT_EQ(utf8_length("\xF4\x90\x80\x80"), 0u);  // above U+10FFFF
  EXPECT_EQ(utf8_length("\xE2\x82"), 0u);          // cut off
  EXPECT_EQ(utf8_length("\xFF"), 0u);
}

TEST(ShownText, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(shown_text("a\tb\x1b\x7f\n"), "a    b\\x1b\\x7f\\x0a");
  EXPECT_EQ(shown_text("\xC2\x9B"), "\\u{9b}");            // C1: starts an escape sequence
  EXPECT_EQ(shown_text("\xE2\x80\xAE"), "\\u{202e}");      // turns the text around
  EXPECT_EQ(shown_text("\xFF\xC3\xA4"), "\\xff\xC3\xA4");  // invalid, then valid
  EXPECT_EQ(shown_text(std::string_view("\0", 1)), "\\x00");
}

TEST(ShownText, CutsAtACharacter) {
  EXPECT_EQ(shown_text("\xC3\xA4\xC3\xA4\xC3\xA4", 2), "\xC3\xA4\xC3\xA4...");
  EXPECT_EQ(shown_text("ab", 2), "ab");
}

TEST(ShownLine, PutsTheCaretUnderTheColumn) {
  const ShownLine line = shown_line("one\nx = 12\r\nthree", 2, 5);
  EXPECT_EQ(line.text, "x = 12");
  EXPECT_EQ(line.caret, 4u);
}

TEST(ShownLine, CountsCharactersNotBytes) {
  // Column 3 is the third character, after one of two bytes and a tab of four columns.
  EXPECT_EQ(shown_line("\xC3\xA4\tx", 1, 3).caret, 5u);
}

TEST(ShownLine, CutsALongLineAroundTheCaret) {
  const std::string text = std::string(5000, 'a') + "X" + std::string(5000, 'b');
  const ShownLine line = shown_line(text, 1, 5001);
  // 75 before the caret, the rest of 100 after it, three dots at both ends.
  EXPECT_EQ(line.text, "..." + std::string(75, 'a') + "X" + std::string(24, 'b') + "...");
  EXPECT_EQ(line.text[line.caret], 'X');
}

TEST(ShownLine, ShowsAPlaceOutsideAsTheEnd) {
  EXPECT_EQ(shown_line("abc", 1, 99).caret, 3u);
  EXPECT_EQ(shown_line("abc", 7, 1).text, "");
  EXPECT_EQ(shown_line("", 0, 0).caret, 0u);
}

RC_GTEST_PROP(ShownLineOfAnything, IsShortAndPrintable, (const std::string& text)) {
  const int line = *rc::gen::inRange(-1, 5);
  const int column = *rc::gen::inRange(-1, 400);
  const ShownLine shown = shown_line(text, line, column);
  RC_ASSERT(shown.caret <= 106u);
  for (const char c : shown.text) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20);
}

}  // namespace
}  // namespace windtunnel
