#include "bench/collectives/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/bench/collectives/invented_sweep.h"

namespace windtunnel::bench {
namespace {

std::vector<CollectiveResult> results() {
  const CollectiveCase reduce{Collective::kAllReduce, Skew::kBalanced, 1 << 28};
  CollectiveResult wrong = invented_collective(reduce, 8, 10);
  wrong.ns.clear();
  wrong.wrong = "rank 3, element 5: 1, expected 2";
  CollectiveResult skipped = wrong;
  skipped.item = {Collective::kDispatch, Skew::kBalanced, kRowElements};
  skipped.wrong.clear();
  skipped.note = "no link";
  return {invented_collective({Collective::kAllToAll, Skew::kBalanced, 1 << 28}, 8, 1446),
          invented_collective({Collective::kAllToAllV, Skew::kHot, 1 << 20}, 8, 20), wrong,
          skipped};
}

// 512 MiB in 1446 us are 371 GB/s, 7/8 of which cross a link.
TEST(CollectiveReport, TheTableHasRatesAndReasons) {
  EXPECT_EQ(collective_table(invented_collectives(), results()),
            "NVIDIA H200, NCCL 2.28.9, 8 ranks on 1 node, 2001-02-03\n\n"
            "operation                  bytes      elements          us    noise  alg GB/s"
            "  bus GB/s\n"
            "alltoall               536870912     268435456     1446.00     0.2%    371.28"
            "    324.87\n"
            "alltoallv/hot            2097152       1048576       20.00     0.2%    104.86"
            "    367.00\n"
            "all_reduce             536870912     268435456  WRONG: rank 3, element 5: 1, "
            "expected 2\n"
            "dispatch                   14336          7168  not measured: no link\n");
}

TEST(CollectiveReport, TheDocumentHasEverySample) {
  const auto json = nlohmann::json::parse(collective_json(invented_collectives(), results()));
  EXPECT_EQ(json["schema"], "windtunnel/collectives");
  EXPECT_EQ(json["ranks"], 8);
  EXPECT_EQ(json["results"][0]["samples"]["ns"].size(), 4U);
  EXPECT_NEAR(json["results"][0]["bus_gb_per_s"].get<double>(), 324.87, 0.01);
  EXPECT_EQ(json["results"][1]["skew"], "hot");
  EXPECT_EQ(json["results"][2]["wrong"], "rank 3, element 5: 1, expected 2");
  EXPECT_FALSE(json["results"][2].contains("median_us"));
  EXPECT_EQ(json["results"][3]["note"], "no link");
}

}  // namespace
}  // namespace windtunnel::bench
