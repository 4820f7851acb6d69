#include "simulator/profile/json_source.h"

#include <gtest/gtest.h>

#include "tests/profile/profiles.h"

namespace windtunnel {
namespace {

std::string take_all(JsonSource& source) {
  std::string all;
  while (source.Peek() != '\0') all += source.Take();
  return all;
}

TEST(JsonSource, GivesEveryByteWhateverThePieces) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += std::to_string(i);
  for (const std::size_t piece : {1U, 7U, 65536U, 1U << 20}) {
    JsonSource source(bytes_of(text, piece));
    EXPECT_EQ(take_all(source), text);
    EXPECT_EQ(source.Tell(), text.size());
    EXPECT_EQ(source.Peek(), '\0');
  }
}

TEST(JsonSource, ControlCharactersAreBlanks) {
  JsonSource source(bytes_of(std::string("a\x01\n\tb\0c", 7)));
  EXPECT_EQ(take_all(source), "a   b c");
}

TEST(JsonSource, ShowsWhatIsAroundAPlace) {
  JsonSource source(bytes_of("0123456789"));
  EXPECT_EQ(source.around(5, 4), "123456");
  EXPECT_EQ(source.around(99, 4), "6789");
  JsonSource empty(bytes_of(""));
  EXPECT_EQ(empty.around(3, 4), "");
}

}  // namespace
}  // namespace windtunnel
