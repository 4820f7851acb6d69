#include "reports/compare/accept_file.h"

#include <gtest/gtest.h>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

TEST(AcceptFile, EveryEntryHasAReason) {
  const TemporaryFolder folder;
  const auto good = folder.write(
      "a.toml", "[[accept]]\nfield = \"run.*\"\nfigures = \"f00\"\nreason = \"new table\"\n");
  const auto accepted = load_accepted(good);
  ASSERT_EQ(accepted.size(), 1U);
  EXPECT_EQ(accepted[0].field, "run.*");
  EXPECT_EQ(accepted[0].figures, "f00");
  EXPECT_EQ(accepted[0].reason, "new table");
  const auto bad = folder.write("b.toml", "[[accept]]\nfield = \"run.*\"\n");
  EXPECT_NE(message_of([&] { load_accepted(bad); }).find("reason"), std::string::npos);
  const auto typo = folder.write("c.toml", "[[accept]]\nfeild = \"run.*\"\nreason = \"x\"\n");
  EXPECT_NE(message_of([&] { load_accepted(typo); }).find("did you mean `field`"),
            std::string::npos);
}

TEST(AcceptFile, StarsStandForAnything) {
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("run.*", "run.gpu_hours"));
  EXPECT_FALSE(matches("run.*", "running"));
  EXPECT_TRUE(matches("terms[*].time_s", "terms[a/b].c].time_s"));
  EXPECT_TRUE(matches("a*b*c", "aXbYbZc"));
  EXPECT_FALSE(matches("a*b*c", "aXbYbZ"));
  EXPECT_FALSE(matches("a", "ab"));
}

}  // namespace
}  // namespace windtunnel
