#include <gtest/gtest.h>

#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {
namespace {

TEST(Machine, WithoutDataNothingCanBeSimulated) {
  const TemporaryFolder empty;
  const Ran ran = run_program({"doctor"}, {"WINDTUNNEL_ROOT=" + empty.path.string()});
  EXPECT_EQ(ran.code, 3);
  EXPECT_NE(ran.out.find("data                  broken"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("no tables of any GPU"), std::string::npos);
  EXPECT_EQ(ran.err, "");
}

TEST(Machine, ADocumentSaysTheSame) {
  const Ran ran = run_program({"doctor", "--json", "-"});
  EXPECT_EQ(ran.out.find("{\n  \"schema\": \"windtunnel/environment\",\n  \"version\": 1"), 0U);
  EXPECT_NE(ran.out.find("\"name\": \"measurements h100\""), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
