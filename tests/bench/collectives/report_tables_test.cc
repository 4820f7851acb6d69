#include <gtest/gtest.h>

#include "bench/harness/measurement_folder.h"
#include "simulator/hardware/collective_price.h"
#include "tests/base/temporary_folder.h"
#include "tests/bench/collectives/invented_sweep.h"

namespace windtunnel::bench {
namespace {

std::vector<CollectiveResult> line_of_sizes() {
  std::vector<CollectiveResult> results;
  for (std::int64_t elements = 1 << 10; elements <= 1 << 26; elements *= 4) {
    // 10 us and 300 GB/s on the bus.
    const CollectiveCase item{Collective::kAllGather, Skew::kBalanced, elements};
    const double us = 10 + 1e6 * static_cast<double>(2 * elements) * 7 / 8 / 300e9;
    results.push_back(invented_collective(item, 8, us));
  }
  return results;
}

TEST(CollectiveTables, TheSimulatorPricesFromThem) {
  const TemporaryFolder folder;
  std::vector<Gpu> gpus;
  for (const Gpu& it : load_gpus("topologies/gpus")) {
    if (it.id == "h200") gpus.push_back(it);
  }
  ASSERT_EQ(gpus.size(), 1U);
  write_files(folder.path, collective_files(invented_collectives(), line_of_sizes()));
  const MeasurementStore store = open_measurements(folder.path, gpus);
  const Price price = collective_price(store, gpus[0], "all_gather", 8, Bytes{3e7});
  EXPECT_NEAR(price.time.value, 10e-6 + 3e7 * 7 / 8 / 300e9, 5e-6);
  ASSERT_NE(find_table(store, "h200", "nccl"), nullptr);
  EXPECT_EQ(find_table(store, "h200", "nccl")->manifest.date, "2001-02-03");
}

TEST(CollectiveTables, SkewAndNodesHaveNoPlaceInTheSimulatorsTable) {
  std::vector<CollectiveResult> results = line_of_sizes();
  results.push_back(invented_collective({Collective::kAllToAllV, Skew::kHot, 800}, 8, 20));
  CollectiveRun run = invented_collectives();
  const auto files = collective_files(run, results);
  EXPECT_EQ(files.at("h200/windtunnel-collectives/nccl.csv").find("alltoallv"), std::string::npos);
  EXPECT_NE(files.at("h200/windtunnel-collectives/collectives.csv")
                .find("alltoallv,hot,8,1,800,1600,5600,20.000,"),
            std::string::npos);
  run.nodes = 2;
  EXPECT_EQ(collective_files(run, results).count("h200/windtunnel-collectives/nccl.csv"), 0U);
  EXPECT_EQ(collective_files(run, results).size(), 2U);
}

TEST(CollectiveTables, HostsAndNothingMeasuredLeaveNoFolder) {
  CollectiveRun run = invented_collectives();
  EXPECT_TRUE(collective_files(run, {}).empty());
  run.machine.gpu.clear();
  EXPECT_TRUE(collective_files(run, line_of_sizes()).empty());
}

}  // namespace
}  // namespace windtunnel::bench
