#include <gtest/gtest.h>

#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {
namespace {

TEST(Manual, HasItsSectionsOnce) {
  const std::string page = run_program({"man"}).out;
  for (const char* section : {".SH NAME", ".SH SYNOPSIS", ".SH COMMANDS", ".SH EXIT STATUS",
                              ".SH ENVIRONMENT", ".SH EXAMPLES", ".SS simulate", ".SS doctor"}) {
    const std::size_t first = page.find(section);
    ASSERT_NE(first, std::string::npos) << section;
    EXPECT_EQ(page.find(std::string(section) + "\n", first + 1), std::string::npos) << section;
  }
  EXPECT_NE(page.find("\\fI"
                      "folded|full\\fR"),
            std::string::npos);
}

TEST(Manual, IsTakenByGroffWithoutAWarning) {
  if (run_command({"/usr/bin/which", "groff"}).code != 0) GTEST_SKIP() << "no groff here";
  const TemporaryFolder folder;
  const std::string file = folder.write("windtunnel.1", run_program({"man"}).out).string();
  const Ran ran = run_command({"/usr/bin/groff", "-man", "-Tascii", "-ww", "-z", file});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
}

}  // namespace
}  // namespace windtunnel
