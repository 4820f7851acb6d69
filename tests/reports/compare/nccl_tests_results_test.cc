#include <gtest/gtest.h>

#include "reports/compare/result_file.h"

namespace windtunnel {
namespace {

TEST(NcclTestsResults, IterationsAreSamplesElseTheMeanIsOne) {
  const ResultSet set = read_results(parse_json(
      R"({"version": 2, "start_time": "2026-01-01 00:00:00", "args": ["/opt/all_reduce_perf", "-b"],
          "config": {"ngpus": 8, "devices": [{"rank": 0, "device_info": "NVIDIA H100"}]},
          "results": [{"size": 8388608, "count": 2097152, "type": "float", "redop": "sum",
            "root": "    -1",
            "out_of_place": {"time": 50.0, "alg_bw": 1.0, "bus_bw": 1.0, "nwrong": 0.0},
            "out_of_place_per_iter": {"min_us": 49.0, "times_us": [49.0, 51.0]},
            "in_place": {"time": 60.0, "alg_bw": 1.0, "bus_bw": 1.0, "nwrong": null}},
           {"size": 16, "type": "float", "redop": "none", "out_of_place": null,
            "in_place": {"time": 9.0, "nwrong": 2.0}}]})",
      "n.json"));
  ASSERT_EQ(set.benchmarks.size(), 3U);
  EXPECT_EQ(set.benchmarks[0].name, "all_reduce_perf/float/sum/bytes:8388608/out_of_place");
  ASSERT_EQ(set.benchmarks[0].seconds.size(), 2U);
  EXPECT_NEAR(set.benchmarks[0].seconds[1], 51e-6, 1e-15);
  EXPECT_NEAR(set.benchmarks[1].seconds.at(0), 60e-6, 1e-15);
  EXPECT_EQ(set.benchmarks[2].name, "all_reduce_perf/float/bytes:16/in_place");
  EXPECT_EQ(set.benchmarks[2].failure, "2 wrong elements");
  EXPECT_EQ(set.device, "NVIDIA H100");
  EXPECT_EQ(set.format, "nccl_tests");
}

}  // namespace
}  // namespace windtunnel
