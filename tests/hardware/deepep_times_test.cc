#include "simulator/hardware/deepep_times.h"

#include <gtest/gtest.h>

#include <cmath>

#include "simulator/base/error.h"
#include "tests/base/temporary_folder.h"
#include "tests/hardware/shipped.h"

namespace windtunnel {
namespace {

constexpr const char* kHeader =
    "ep,ranks_per_node,num_tokens,hidden_size,num_topk,topk_groups,num_sms,dispatch_gb_per_s,"
    "combine_gb_per_s\n";

std::string message(const std::string& text) {
  const TemporaryFolder folder;
  folder.write("h800/deepep/normal.csv", text);
  const auto store = open_measurements(folder.path, shipped().gpus);
  try {
    deepep_times(store, shipped_gpu("h800"));
  } catch (const ConfigError& error) {
    return folder.without_folder(error.what());
  }
  return "";
}

const AuthorTime& of_nodes(const std::vector<AuthorTime>& times, const std::string& nodes) {
  for (const AuthorTime& time : times) {
    if (time.categories[0] == nodes) return time;
  }
  throw std::logic_error("no time on " + nodes + " nodes");
}

TEST(DeepepTimes, AreBytesOverThePublishedRate) {
  const auto times = deepep_times(shipped(), shipped_gpu("h800"));
  EXPECT_EQ(times.size(), 5U);  // EP 8, 16, 32, 64, 128
  // 4096 tokens x 4 nodes x 7168 x (1 + 4/128) bytes at 51 GB/s; two bytes a value at 50 GB/s.
  const AuthorTime& ep64 = of_nodes(times, "8");
  EXPECT_NEAR(ep64.seconds[0], 4096.0 * 4 * 7392 / 51e9, 1e-9);
  EXPECT_NEAR(ep64.seconds[1], 4096.0 * 4 * 14336 / 50e9, 1e-9);
  EXPECT_EQ(ep64.place, (std::vector<double>{std::log2(7168), 3, 8, std::log2(20), 12}));
  // In a node the bytes go to 5.29465 distinct ranks of 8, at 153 GB/s.
  EXPECT_NEAR(of_nodes(times, "1").seconds[0], 4096 * 5.29465 * 7392 / 153e9, 1e-8);
}

TEST(DeepepTimes, HoldTheRatesOfAllDates) {
  const auto times = deepep_times(shipped(), shipped_gpu("h800"));
  // The first release had 46 and 45 GB/s.
  EXPECT_GE(of_nodes(times, "8").range[0].second, 4096.0 * 4 * 7392 / 46e9 * 0.999);
  for (const AuthorTime& time : times) {
    for (std::size_t way = 0; way < 2; ++way) {
      EXPECT_LT(time.range[way].first, time.seconds[way]);
      EXPECT_GT(time.range[way].second, time.seconds[way]);
    }
  }
}

TEST(DeepepTimes, OtherGpusHaveNone) {
  EXPECT_TRUE(deepep_times(shipped(), shipped_gpu("h100")).empty());
}

TEST(DeepepTimes, ABrokenFileIsPointedAt) {
  EXPECT_EQ(message(kHeader).find("h800/deepep/normal.csv:1:1: error: no measurement stands here"),
            0U)
      << message(kHeader);
  const std::string row = "64,8,4096,7168,8,4,20,";
  EXPECT_NE(message(kHeader + row + "0,50\n").find("normal.csv:2:23: error: dispatch_gb_per_s"),
            std::string::npos);
  EXPECT_NE(message(kHeader + row + "51,-50\n").find("normal.csv:2:26: error: combine_gb_per_s"),
            std::string::npos);
  EXPECT_NE(message(kHeader + row + "nan,50\n").find("normal.csv:2:23: error:"), std::string::npos);
  EXPECT_NE(message(kHeader + row + "1e400,50\n").find("normal.csv:2:23: error:"),
            std::string::npos);
  EXPECT_EQ(message(kHeader + row + "51,50\n"), "");
}

}  // namespace
}  // namespace windtunnel
