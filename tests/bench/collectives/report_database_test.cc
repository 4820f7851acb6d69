#include <gtest/gtest.h>

#include "bench/harness/database.h"
#include "simulator/base/error.h"
#include "tests/base/temporary_folder.h"
#include "tests/bench/collectives/invented_sweep.h"
#include "tests/results/first_row.h"
#include "tests/bench/invented.h"

namespace windtunnel::bench {
namespace {

TEST(CollectiveDatabase, StandsBesideTheKernelsInOneFile) {
  const TemporaryFolder folder;
  const auto file = folder.path / "results.db";
  append_to_database(file, invented_run(), std::vector<Result>{});
  CollectiveResult wrong = invented_collective({Collective::kAllReduce, Skew::kBalanced, 64}, 8, 5);
  wrong.ns.clear();
  wrong.wrong = "rank 1, element 0: 0, expected 1";
  const std::vector<CollectiveResult> results{
      invented_collective({Collective::kAllToAllV, Skew::kHot, 800}, 8, 20), wrong};
  append_collectives(file, invented_collectives(), results);
  EXPECT_EQ(first_row(file, "SELECT count(*), max(regime = 'collectives') FROM run"), "2|1");
  EXPECT_EQ(first_row(file,
                      "SELECT run.device, operation, skew, ranks, elements, bus_bytes, median_ns "
                      "FROM collective JOIN run ON run.id = run WHERE wrong = ''"),
            "NVIDIA H200|alltoallv|hot|8|800|5600.0|20000.0");
  EXPECT_EQ(first_row(file, "SELECT count(*), max(ns) FROM collective_sample"), "4|20200.0");
  EXPECT_EQ(first_row(file, "SELECT wrong, median_ns FROM collective WHERE wrong <> ''"),
            "rank 1, element 0: 0, expected 1|");
}

TEST(CollectiveDatabase, AFileThatIsNoneIsRefused) {
  EXPECT_THROW(append_collectives("/dev/null/no", invented_collectives(), {}), UsageError);
}

}  // namespace
}  // namespace windtunnel::bench
