#include "bench/harness/toml_text.h"

#include <gtest/gtest.h>

namespace windtunnel::bench {
namespace {

TEST(TomlText, EscapesWhatATomlStringMustNotHold) {
  EXPECT_EQ(toml_line("a", "b \"c\" \\ d\n"), "a = \"b \\\"c\\\" \\\\ d \"\n");
  EXPECT_EQ(toml_table("t", "i", "n"),
            "\n[[tables]]\nname = \"t\"\nimplementation = \"i\"\nnote = \"n\"\n");
}

}  // namespace
}  // namespace windtunnel::bench
