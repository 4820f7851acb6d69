#include "simulator/hardware/author_times.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "simulator/base/error.h"
#include "tests/base/temporary_folder.h"
#include "tests/hardware/shipped.h"

namespace windtunnel {
namespace {

std::vector<double> place(double m, double n, double k) {
  return {std::log2(m), std::log2(n), std::log2(k)};
}

const AuthorTime* find_time(const std::vector<AuthorTime>& times, const std::vector<double>& at) {
  const auto found = std::find_if(times.begin(), times.end(),
                                  [&](const AuthorTime& time) { return time.place == at; });
  return found == times.end() ? nullptr : &*found;
}

std::vector<AuthorTime> products(std::string_view gpu) {
  return author_times(shipped(), *find_table_rule("gemm"), shipped_gpu(gpu));
}

TEST(AuthorTimes, TheLatestFigureOfDeepGemmCounts) {
  // 117.219, 122.911 and 110.042 us at three dates.
  const std::vector<AuthorTime> times = products("h800");
  const AuthorTime* time = find_time(times, place(4096, 2112, 7168));
  ASSERT_NE(time, nullptr);
  EXPECT_DOUBLE_EQ(time->seconds[0], 110.042e-6);
  EXPECT_EQ(time->categories, (std::vector<std::string>{"fp8_block"}));
  EXPECT_NE(time->origin.find("DeepGEMM"), std::string::npos);
  EXPECT_NE(time->origin.find("2025-04-09"), std::string::npos);
}

TEST(AuthorTimes, DeepGemmsOwnFigureGoesBeforeSomebodyElsesRun) {
  // InferSim has 169.08 us.
  const std::vector<AuthorTime> times = products("h800");
  EXPECT_DOUBLE_EQ(find_time(times, place(4096, 4096, 7168))->seconds[0], 170.58e-6);
  EXPECT_DOUBLE_EQ(find_time(times, place(8192, 4096, 7168))->seconds[0], 331.183e-6);
  // 18 + 110 figures, 12 of them of the same shapes.
  EXPECT_EQ(times.size(), 18U + 110U - 12U);
}

TEST(AuthorTimes, OtherGpusAndTablesHaveNone) {
  EXPECT_TRUE(products("h100").empty());
  EXPECT_TRUE(author_times(shipped(), *find_table_rule("nccl"), shipped_gpu("h800")).empty());
}

TEST(AuthorTimes, ABrokenFigureIsPointedAt) {
  const TemporaryFolder folder;
  folder.write("h800/deepgemm/dense.csv", "dtype,m,n,k,latency_us\nfp8_block,64,2112,7168,0\n");
  const auto store = open_measurements(folder.path, shipped().gpus);
  try {
    author_times(store, *find_table_rule("gemm"), shipped_gpu("h800"));
    FAIL() << "no error";
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("dense.csv:2:24: error: latency_us must be positive"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace windtunnel
