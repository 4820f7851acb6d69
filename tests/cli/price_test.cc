#include <gtest/gtest.h>

#include <algorithm>

#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {
namespace {

TEST(PriceCommand, AnswersAShapeWithTimeAndProvenance) {
  const Ran ran = run_program(
      {"price", "gemm", "--gpu", "h800", "--shape", "dtype=bfloat16,m=4096,n=4096,k=4096"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.out.find("dtype,m,n,k,seconds,low_s,high_s,provenance,outside_range,source"), 0U)
      << ran.out;
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 2);
}

TEST(PriceCommand, KeepsTheOrderOfAFile) {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("shapes.csv", "k,dtype,m,n\n4096,bfloat16,4096,4096\n64,bfloat16,128,256\n");
  const Ran ran = run_program({"price", "gemm", "--gpu", "h100", "--shapes", file});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out.find("k,dtype,m,n,seconds"), 0U) << ran.out;
  EXPECT_LT(ran.out.find("4096,bfloat16,4096,4096,"), ran.out.find("64,bfloat16,128,256,"));
}

TEST(PriceCommand, NeedsExactlyOneKindOfShapes) {
  for (const std::vector<std::string>& shapes :
       {std::vector<std::string>{}, {"--shape", "m=1", "--shapes", "x.csv"}}) {
    std::vector<std::string> arguments{"price", "gemm", "--gpu", "h800"};
    arguments.insert(arguments.end(), shapes.begin(), shapes.end());
    const Ran ran = run_program(arguments);
    EXPECT_EQ(ran.code, 2);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err,
              "windtunnel: price needs either --shapes FILE.csv or --shape key=value,...\n");
  }
}

TEST(PriceCommand, MistakesAreNamed) {
  const auto error = [](const std::string& table, const std::string& gpu,
                        const std::string& shape) {
    const Ran ran = run_program({"price", table, "--gpu", gpu, "--shape", shape});
    EXPECT_EQ(ran.code, 2);
    EXPECT_EQ(ran.out, "");
    return ran.err;
  };
  EXPECT_EQ(error("gemm", "b200", "m=1").find("windtunnel: unknown GPU `b200`, did you mean "), 0U);
  EXPECT_EQ(error("gem", "h800", "m=1").find("windtunnel: unknown table `gem`"), 0U);
  EXPECT_EQ(error("gemm", "h800", "m"), "windtunnel: --shape m: expected key=value\n");
  EXPECT_EQ(error("gemm", "h800", "m=4096,n=4096"),
            "--shape:1:1: error: table gemm needs a column `dtype`\n"
            "   1 | m,n\n"
            "     | ^\n"
            "  accepted: dtype, m, n, k\n");
  EXPECT_EQ(run_program({"price", "gemm", "--shape", "m=1"}).code, 2);
}

}  // namespace
}  // namespace windtunnel
