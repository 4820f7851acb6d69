#include "simulator/base/error.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

Source place(const std::string& text, int line, int column) {
  return {std::make_shared<const SourceFile>(SourceFile{"gpu.toml", text}), line, column};
}

TEST(Error, ShowsPlaceLineCaretAndWhatIsAccepted) {
  const ConfigError error(place("[gpu]\nsms = 0\n", 2, 7), "0 is out of range",
                          "an integer from 1 to 1024");
  EXPECT_STREQ(error.what(),
               "gpu.toml:2:7: error: 0 is out of range\n"
               "   2 | sms = 0\n"
               "     |       ^\n"
               "  accepted: an integer from 1 to 1024\n");
}

TEST(Error, ShowsNotesAtTheirOwnPlaces) {
  const ConfigError error(place("a = 1\nb = 2", 2, 1), "a and b differ", "",
                          {{"a is here", place("a = 1\nb = 2", 1, 5)}});
  EXPECT_STREQ(error.what(),
               "gpu.toml:2:1: error: a and b differ\n"
               "   2 | b = 2\n"
               "     | ^\n"
               "gpu.toml:1:5: note: a is here\n"
               "   1 | a = 1\n"
               "     |     ^\n");
}

TEST(Error, TakesANoteOnItsWayUp) {
  const ConfigError inner(place("a = 1", 1, 5), "wrong");
  EXPECT_STREQ(inner.with_note({"named here", place("gpu = 2", 1, 1)}).what(),
               "gpu.toml:1:5: error: wrong\n"
               "   1 | a = 1\n"
               "     |     ^\n"
               "gpu.toml:1:1: note: named here\n"
               "   1 | gpu = 2\n"
               "     | ^\n");
}

TEST(Error, ShowsACaretForAnEmptyFile) {
  EXPECT_STREQ(ConfigError(place("", 1, 1), "empty").what(),
               "gpu.toml:1:1: error: empty\n"
               "   1 |\n"
               "     | ^\n");
}

TEST(Error, WithoutAFileIsOnlyTheMessage) {
  EXPECT_STREQ(ConfigError(Source{}, "wrong", "right").what(), "error: wrong\n  accepted: right\n");
}

TEST(Error, KeepsTheCaretUnderItsColumnForLongLineNumbers) {
  const std::string text = std::string(99999, '\n') + "x = 1";
  EXPECT_STREQ(ConfigError(place(text, 100000, 5), "wrong").what(),
               "gpu.toml:100000:5: error: wrong\n"
               "100000 | x = 1\n"
               "       |     ^\n");
}

TEST(Error, CannotBeUsedToSendControlBytesToATerminal) {
  const ConfigError error(place("\x1b[2J", 1, 1), "saw \x1b[2J and a\nline", "not \x07");
  EXPECT_STREQ(error.what(),
               "gpu.toml:1:1: error: saw \\x1b[2J and a\\x0aline\n"
               "   1 | \\x1b[2J\n"
               "     | ^\n"
               "  accepted: not \\x07\n");
}

TEST(Error, CutsAMessageThatQuotesAGiantValue) {
  const std::string whole = ConfigError(Source{}, std::string(100000, 'x')).what();
  EXPECT_EQ(whole, "error: " + std::string(1000, 'x') + "...\n");
}

TEST(PlaceText, IsPathLineColumnOrNothing) {
  EXPECT_EQ(place_text(place("", 3, 4)), "gpu.toml:3:4");
  EXPECT_EQ(place_text(Source{}), "");
}

}  // namespace
}  // namespace windtunnel
