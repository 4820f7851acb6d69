#include "bench/harness/options.h"

#include <gtest/gtest.h>

#include "simulator/base/error.h"
#include "tests/bench/invented.h"

namespace windtunnel::bench {
namespace {

std::string error_of(const std::vector<std::string>& arguments) {
  try {
    parse_options(arguments);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(BenchOptions, AreReadInBothSpellings) {
  const Options options = parse_options({"--filter=norm", "--regime", "sustained", "--launches",
                                         "12", "--device=model", "--list", "--json", "-"});
  EXPECT_EQ(options.filter, "norm");
  EXPECT_EQ(options.regime, Regime::kSustained);
  EXPECT_EQ(options.launches, 12);
  EXPECT_EQ(options.device, On::kModel);
  EXPECT_TRUE(options.list);
  EXPECT_EQ(options.json, "-");
  EXPECT_EQ(parse_options({}).device, On::kGpu);
  EXPECT_EQ(parse_options({}).regime, Regime::kBurst);
}

TEST(BenchOptions, MistakesSayWhatIsAccepted) {
  const std::string see = "\n  see windtunnel-bench --help";
  EXPECT_EQ(error_of({"--fliter", "x"}),
            "The following arguments were not expected: x --fliter" + see);
  EXPECT_EQ(error_of({"--regime", "brust"}), "--regime: brust not in {burst,sustained}" + see);
  EXPECT_EQ(error_of({"--device", "tpu"}), "--device: tpu not in {gpu,model}" + see);
  EXPECT_EQ(error_of({"--filter"}), "--filter: 1 required RE missing" + see);
  EXPECT_EQ(error_of({"--tiny"}), "--tiny requires --check" + see);
  for (const char* number : {"0", "-1", "x", "3x", "", "99999999999"}) {
    EXPECT_NE(error_of({"--launches", number}), "") << number;
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

TEST(BenchOptions, HelpNamesEveryOption) {
  const std::string help = parse_options({"--help"}).help;
  for (const char* name : {"--filter", "--launches", "--regime", "--device", "--list", "--json",
                           "--database", "--measurements", "--check", "Exit codes"}) {
    EXPECT_NE(help.find(name), std::string::npos) << name;
  }
}

TEST(BenchOptions, OverlapIsForGpusAndNoCheck) {
  EXPECT_TRUE(parse_options({"--overlap"}).overlap);
  EXPECT_THROW(parse_options({"--overlap", "--check"}), UsageError);
  EXPECT_THROW(parse_options({"--overlap", "--device", "model"}), UsageError);
}

}  // namespace
}  // namespace windtunnel::bench
