#include "bench/harness/figures.h"

#include <gtest/gtest.h>

#include "simulator/base/error.h"
#include "simulator/hardware/gpu.h"
#include "tests/bench/invented.h"

namespace windtunnel::bench {
namespace {

constexpr KernelShape kNorm = rows_shape(Operation::kRmsNorm, Dtype::kBf16, 4096, 7168);

TEST(Figures, DatasheetsAreTheSimulatorsOwn) {
  const Figures figures = load_figures("bench");
  EXPECT_EQ(figures.gpus.size(), 7U);
  std::size_t known = 0;
  for (const Gpu& gpu : load_gpus("topologies/gpus")) {
    const GpuFigures* found = find_gpu(figures, gpu.id);
    if (found == nullptr) continue;  // no kernel is compiled for it
    ++known;
    EXPECT_DOUBLE_EQ(found->datasheet.bf16.value, gpu.bf16_peak.value) << gpu.id;
    EXPECT_NEAR(found->datasheet.memory.value / gpu.memory_rate.value, 1, 1e-3) << gpu.id;
  }
  EXPECT_EQ(known, figures.gpus.size());
}

TEST(Figures, ThePublishedFigureIsThatOfTheVeryShapeAndGpu) {
  const Figures figures = load_figures("bench");
  const Published* best = best_published(figures, "h200", gemm_shape(8192, 8192, 8192));
  ASSERT_NE(best, nullptr);
  EXPECT_NEAR(best->time.value, 2 * 8192.0 * 8192 * 8192 / 806e12, 1e-9);
  EXPECT_FALSE(best->source.empty());
  EXPECT_EQ(best_published(figures, "h200", gemm_shape(8192, 8192, 8191)), nullptr);
  EXPECT_EQ(best_published(figures, "b200", gemm_shape(8192, 8192, 8192)), nullptr);
}

TEST(Figures, ThisRunsOwnCopyRaisesTheRoof) {
  const Figures figures = load_figures("bench");
  const GpuFigures& h800 = *find_gpu(figures, "h800");
  const Result norm = invented_result(kNorm, 40);
  EXPECT_FALSE(roof_fraction(norm, h800)) << "no copy was measured on an H800";
  const KernelShape copy = rows_shape(Operation::kCopy, Dtype::kBf16, 32768, 7168);
  const double us = work(copy).bytes.value / 3e12 * 1e6;
  const std::vector<Result> results{invented_result(copy, us), norm};
  const auto share = roof_fraction(norm, raised(h800, results));
  ASSERT_TRUE(share);
  EXPECT_NEAR(*share, work(kNorm).bytes.value / 3e12 / 40e-6, 1e-9);
  EXPECT_EQ(raised(*find_gpu(figures, "h200"), results).copy->value, 4300e9) << "never lowers it";
}

TEST(Figures, ZerosRaiseNoRoof) {
  const GpuFigures gpu = *find_gpu(load_figures("bench"), "h200");
  const std::vector<Result> results{
      invented_result(gemm_shape(8192, 8192, 8192), 100, "cublaslt", Data::kZeros)};
  EXPECT_EQ(raised(gpu, results).gemm->value, 798e12);
}

// Few heads are bound by memory, many by the tensor cores, which multiply BF16 whatever the cache.
TEST(Figures, DecodingIsJudgedByWhatBindsIt) {
  const Figures figures = load_figures("bench");
  const GpuFigures& h200 = *find_gpu(figures, "h200");
  const auto decode = [](Dtype dtype, std::int64_t heads) {
    return KernelShape{Operation::kAttentionDecode, dtype, 128, 1, 4096, heads};
  };
  const auto of = [&](const KernelShape& shape, double us) {
    return verdict(invented_result(shape, us), figures, h200, {});
  };
  // 612 MB at the measured 4.3 TB/s are 142 us; 146 GFLOP at 989 TFLOPS 148.
  EXPECT_EQ(of(decode(Dtype::kBf16, 16), 188), "must");
  EXPECT_EQ(of(decode(Dtype::kBf16, 16), 193), "BELOW 0.75 of copy");
  EXPECT_EQ(of(decode(Dtype::kBf16, 128), 294), "must");
  EXPECT_EQ(of(decode(Dtype::kBf16, 128), 297), "BELOW 0.50 of floor");
  EXPECT_EQ(of(decode(Dtype::kBf16, 64), 297), "");
  const Seconds wide = floor_time(decode(Dtype::kBf16, 128), h200.datasheet);
  EXPECT_EQ(floor_time(decode(Dtype::kFp8, 128), h200.datasheet), wide);
  EXPECT_TRUE(roof_fraction(invented_result(decode(Dtype::kFp8, 128), 300), h200));
}

TEST(Figures, VerdictsFollowTheTargets) {
  const Figures figures = load_figures("bench");
  const GpuFigures& h200 = *find_gpu(figures, "h200");
  const double copy_us = work(kNorm).bytes.value / 4300e9 * 1e6;
  const auto of = [&](const Result& result) { return verdict(result, figures, h200, {}); };
  EXPECT_EQ(of(invented_result(kNorm, copy_us / 0.94)), "stretch");
  EXPECT_EQ(of(invented_result(kNorm, copy_us / 0.86)), "must");
  EXPECT_EQ(of(invented_result(kNorm, copy_us / 0.84)), "BELOW 0.85 of copy");
  const KernelShape router = rows_shape(Operation::kRouterSelect, Dtype::kFp32, 4096, 256);
  EXPECT_EQ(of(invented_result(router, 4.9)), "stretch");
  EXPECT_EQ(of(invented_result(router, 7.9)), "must");
  EXPECT_EQ(of(invented_result(router, 8.1)), "ABOVE 8 us");
  EXPECT_EQ(of(invented_result(rows_shape(Operation::kAdd, Dtype::kBf16, 8, 8), 1)), "");
}

TEST(Figures, AProductIsHeldAgainstCublasltOfTheSameRunAndData) {
  const Figures figures = load_figures("bench");
  const GpuFigures& h200 = *find_gpu(figures, "h200");
  const KernelShape shape = gemm_shape(4096, 4096, 7168);
  const Result own = invented_result(shape, 100);
  EXPECT_EQ(verdict(own, figures, h200, {}), "");
  const std::vector<Result> zeros{invented_result(shape, 80, "cublaslt", Data::kZeros)};
  EXPECT_EQ(verdict(own, figures, h200, zeros), "");
  const std::vector<Result> slower{invented_result(shape, 99, "cublaslt")};
  EXPECT_EQ(verdict(own, figures, h200, slower), "stretch");
  const std::vector<Result> faster{invented_result(shape, 89, "cublaslt")};
  EXPECT_EQ(verdict(own, figures, h200, faster), "BELOW 0.90 of cublaslt");
}

std::string error_of(const std::string& gpus, const std::string& targets,
                     const std::string& published) {
  try {
    read_figures(parse_csv(gpus, "gpus.csv"), parse_csv(targets, "targets.csv"),
                 parse_csv(published, "published.csv"));
  } catch (const ConfigError& error) {
    const std::string text = error.what();
    return text.substr(0, text.find('\n'));
  }
  return "";
}

TEST(Figures, UnknownWordsInATableAreRefused) {
  const std::string gpus =
      "gpu,arch,bf16_tflops,fp8_tflops,memory_gb_per_s,copy_gb_per_s,gemm_tflops,source\n";
  const std::string targets = "operation,dtype,arch,m,groups,of,must,stretch\n";
  const std::string published = "gpu,operation,dtype,m,n,k,groups,us,tflops,source\n";
  EXPECT_EQ(error_of(gpus, targets, published), "");
  EXPECT_EQ(error_of(gpus, targets + "gem,bf16,sm90,0,0,copy,1,1\n", published),
            "targets.csv:2:1: error: `gem` is no operation");
  EXPECT_EQ(error_of(gpus, targets + "gemm,bf17,sm90,0,0,copy,1,1\n", published),
            "targets.csv:2:6: error: `bf17` is no dtype");
  EXPECT_EQ(error_of(gpus, targets + "gemm,bf16,sm90,0,0,cop,1,1\n", published),
            "targets.csv:2:20: error: `cop` is no of");
  EXPECT_EQ(error_of(gpus, targets, published + "h200,gemm,bf16,1,1,1,1,1,1,x\n"),
            "published.csv:2:24: error: `1` is no us");
  EXPECT_NE(error_of(gpus + "h200,sm90,x,0,1,,,\n", targets, published), "");
}

}  // namespace
}  // namespace windtunnel::bench
