#include "bench/harness/options.h"

#include <gtest/gtest.h>

#include "tests/bench/invented.h"

namespace windtunnel::bench {
namespace {

Options parsed(const std::vector<std::string>& arguments) { return parse_options(arguments); }

std::string error_of(const std::vector<std::string>& arguments) {
  try {
    parse_options(arguments);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(BenchOptions, AreReadInBothSpellings) {
  const Options options = parsed({"--filter=norm", "--regime", "sustained", "--launches", "12",
                                  "--device=model", "--list", "--json", "-"});
  EXPECT_EQ(options.filter, "norm");
  EXPECT_EQ(options.regime, Regime::kSustained);
  EXPECT_EQ(options.launches, 12);
  EXPECT_EQ(options.device, On::kModel);
  EXPECT_TRUE(options.list);
  EXPECT_EQ(options.json, "-");
  EXPECT_EQ(parsed({}).device, On::kGpu);
  EXPECT_EQ(parsed({}).regime, Regime::kBurst);
}

TEST(BenchOptions, MistakesSayWhatWasMeant) {
  EXPECT_EQ(error_of({"--fliter", "x"}), "unknown option `--fliter`, did you mean `--filter`?");
  EXPECT_EQ(error_of({"gemm"}), "unknown option `gemm`");
  EXPECT_EQ(error_of({"--regime", "brust"}),
            "--regime `brust`, did you mean `burst`?\n  accepted: burst, sustained");
  EXPECT_EQ(error_of({"--device", "tpu"}),
            "--device `tpu`, did you mean `gpu`?\n  accepted: gpu, model");
  EXPECT_EQ(error_of({"--filter"}), "--filter needs RE");
  EXPECT_EQ(error_of({"--list=yes"}), "--list takes no value");
  EXPECT_EQ(error_of({"--tiny"}), "--tiny goes with --check");
  for (const char* number : {"0", "-1", "x", "3x", "", "99999999999"}) {
    EXPECT_EQ(error_of({"--launches", number}),
              "--launches `" + std::string(number) + "`\n  accepted: a whole number from 1");
  }
}

TEST(BenchOptions, AFilterFindsCasesOrIsAMistake) {
  const std::vector<Case> all{
      {gemm_shape(1, 2, 3), gemm_shape(1, 2, 3), "windtunnel", Data::kUniform},
      {gemm_shape(4, 2, 3), gemm_shape(1, 2, 3), "cublaslt", Data::kUniform}};
  EXPECT_EQ(filtered(all, "").size(), 2U);
  EXPECT_EQ(filtered(all, "cublas|x").size(), 1U);
  EXPECT_EQ(filtered(all, "^gemm.*m:4/").front().implementation, "cublaslt");
  EXPECT_THROW(filtered(all, "nothing"), UsageError);
  EXPECT_THROW(filtered(all, "("), UsageError);
}

TEST(BenchOptions, TheUsageNamesEveryOption) {
  for (const char* name : {"--filter", "--launches", "--regime", "--device", "--list", "--json",
                           "--database", "--measurements", "--check"}) {
    EXPECT_NE(usage().find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace windtunnel::bench
