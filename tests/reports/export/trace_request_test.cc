#include "reports/export/trace_request.h"

#include <gtest/gtest.h>

#include "simulator/base/error.h"
#include "tests/reports/export/traced.h"

namespace windtunnel {
namespace {

std::string request_problem(const std::string& output, const std::string& ranks,
                            const std::string& window = "", const std::string& level = "phase") {
  try {
    parse_trace_request(output, ranks, level, window);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(TraceRequest, TheNameDecidesTheFormat) {
  EXPECT_EQ(parse_trace_request("a.pftrace", "", "phase", "").format, TraceFormat::kPerfetto);
  EXPECT_EQ(parse_trace_request("a.pftrace.gz", "", "phase", "").format, TraceFormat::kPerfetto);
  EXPECT_EQ(parse_trace_request("a.json.gz", "", "phase", "").format, TraceFormat::kKineto);
  const TraceRequest graph = parse_trace_request("run/a.et", "", "phase", "");
  EXPECT_EQ(graph.format, TraceFormat::kChakra);
  EXPECT_EQ(graph.prefix, "run/a");
  EXPECT_TRUE(graph.full);
  for (const char* name : {"a", "a.gz", "a.et.gz", "a.svg", ""}) {
    EXPECT_NE(request_problem(name, "").find("expected a name that ends in .pftrace"),
              std::string::npos);
  }
}

TEST(TraceRequest, RanksAreAListOfGpus) {
  EXPECT_FALSE(parse_trace_request("a.json", "representative", "phase", "").full);
  EXPECT_TRUE(parse_trace_request("a.json", "all", "phase", "").full);
  EXPECT_EQ(parse_trace_request("a.json", "7,0-2,1", "phase", "").gpus,
            (std::vector<int>{0, 1, 2, 7}));
  for (const char* list : {"x", "1-", "-1", "3-1", "1,,2", "0-9999999", "1 2", "99999999999"}) {
    EXPECT_EQ(
        request_problem("a.json", list),
        "--ranks " + std::string(list) + ": expected representative, all, or GPUs such as 0,8-15");
  }
}

TEST(TraceRequest, AWindowHasUnits) {
  const TraceWindow window = parse_trace_request("a.json", "", "phase", "1.5 s..1600 ms").window;
  EXPECT_EQ(window.from, 1'500'000'000'000);
  EXPECT_EQ(window.to, 1'600'000'000'000);
  for (const char* text :
       {"1..2", "2 s..1 s", "1 s", "1 s..", "-1 s..2 s", "1 s..1 s", "1 s..1e9 s"}) {
    EXPECT_NE(request_problem("a.json", "", text).find("expected two times with units"),
              std::string::npos)
        << text;
  }
}

TEST(TraceRequest, AGraphIsWhole) {
  EXPECT_NE(request_problem("a.et", "0"), "");
  EXPECT_NE(request_problem("a.et", "", "1 s..2 s"), "");
  EXPECT_NE(request_problem("a.et", "", "", "kernel"), "");
  EXPECT_EQ(request_problem("a.et", "all"), "");
}

TEST(TraceRequest, GpusMustBeInTheCluster) {
  const TraceRequest request = parse_trace_request("a.json", "0,64", "phase", "");
  EXPECT_NO_THROW(check_trace_ranks(request, 65));
  EXPECT_THROW(check_trace_ranks(request, 64), UsageError);
}

// 64 GPUs: 2 pipeline ranks of 8 data ranks of 4 tensor ranks.
TEST(TraceRanks, GpusRunTheirSimulatedRank) {
  const TraceRequest request = parse_trace_request("a.json", "0,5,33", "phase", "");
  const auto ranks = trace_ranks(request, traced_pipeline());
  ASSERT_EQ(ranks.size(), 3U);
  EXPECT_EQ(ranks[1].rank, 1);
  EXPECT_EQ(ranks[1].pipeline, 0);
  EXPECT_EQ(ranks[2].rank, 8);
  EXPECT_EQ(ranks[2].pipeline, 1);
  EXPECT_EQ(
      trace_ranks(parse_trace_request("a.json", "all", "phase", ""), traced_pipeline()).size(),
      64U);
  EXPECT_EQ(trace_ranks(parse_trace_request("a.json", "", "phase", ""), traced_pair()).size(), 1U);
}

}  // namespace
}  // namespace windtunnel
