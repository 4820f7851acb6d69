#include "reports/export/kineto.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "simulator/base/text_file.h"
#include "tests/base/temporary_folder.h"
#include "tests/reports/export/traced.h"

namespace windtunnel {
namespace {

using Json = nlohmann::json;

std::string kineto_text(const TracedStep& traced, const std::vector<TraceRank>& ranks,
                        TraceLevel level = TraceLevel::kPhase) {
  const TemporaryFolder folder;
  ByteWriter out(folder.path / "a.json");
  write_kineto(traced, ranks, level, kWholeStep, out);
  out.finish();
  return read_text_file(folder.path / "a.json");
}

std::vector<Json> events(const Json& trace, const std::string& category) {
  std::vector<Json> found;
  for (const Json& event : trace.at("traceEvents")) {
    if (event.value("cat", "") == category) found.push_back(event);
  }
  return found;
}

// Holistic Trace Analysis reads a file line by line for this expression (hta/common/trace_file.py).
TEST(Kineto, ItsRankIsFoundTheWayAnalysersLook) {
  const TracedStep& traced = traced_pipeline();
  const std::string text = kineto_text(traced, {{.gpu = 33, .rank = 8, .pipeline = 1}});
  const std::regex rank("\"rank\":\\s+(\\d+)");
  std::istringstream lines(text);
  std::string found;
  for (std::string line; found.empty() && std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_search(line, match, rank)) found = match[1];
  }
  EXPECT_EQ(found, "33");
}

// And tells communication by its name (hta/common/types.py).
TEST(Kineto, TransfersAreWhatAnalysersCallCommunication) {
  const std::regex communication("(^nccl.*)|(^hip)|(^hccl)|(.*ncclKernel.*)");
  const Json trace = Json::parse(kineto_text(traced_pair(), {{0, 0, 0}}));
  int transfers = 0;
  for (const Json& event : events(trace, "kernel")) {
    const bool named = std::regex_search(event.at("name").get<std::string>(), communication);
    EXPECT_EQ(named, event.at("args").at("kind") != "compute");
    transfers += named ? 1 : 0;
  }
  EXPECT_EQ(transfers, 16);  // dispatch and combine, forward and backward, of four layers
}

TEST(Kineto, KernelsHaveStreamsCorrelationsAndMicroseconds) {
  const TraceRank rank{.gpu = 0, .rank = 0, .pipeline = 0};
  std::vector<Slice> slices;
  visit_slices(traced_pair(), rank, TraceLevel::kPhase, kWholeStep, [&](const Slice& slice) {
    if (slice.lane != TraceLane::kSchedule) slices.push_back(slice);
  });
  const Json trace = Json::parse(kineto_text(traced_pair(), {rank}));
  const std::vector<Json> kernels = events(trace, "kernel");
  ASSERT_EQ(kernels.size(), slices.size());
  std::set<int> correlations;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const Json& args = kernels[i].at("args");
    EXPECT_EQ(kernels[i].at("tid"), args.at("stream"));
    EXPECT_EQ(kernels[i].at("pid"), args.at("device"));
    EXPECT_NEAR(kernels[i].at("ts").get<double>(), static_cast<double>(slices[i].start) * 1e-6,
                0.00051);
    EXPECT_NEAR(kernels[i].at("dur").get<double>(), static_cast<double>(slices[i].length()) * 1e-6,
                0.0011);
    correlations.insert(args.at("correlation").get<int>());
  }
  EXPECT_EQ(correlations.size(), kernels.size());
}

TEST(Kineto, AtTheKernelLevelPhasesBecomeAnnotations) {
  const Json trace = Json::parse(kineto_text(traced_pair(), {{0, 0, 0}}, TraceLevel::kKernel));
  std::set<std::string> phases;
  for (const Json& event : events(trace, "gpu_user_annotation")) phases.insert(event.at("name"));
  EXPECT_EQ(phases,
            (std::set<std::string>{"attn(F)", "mlp(F)", "attn(B)", "mlp(B)", "attn(W)", "mlp(W)"}));
  bool gemm = false;
  for (const Json& event : events(trace, "kernel")) {
    gemm = gemm || event.at("name") == "gemm fp8 m=4096 n=1536 k=7168";
  }
  EXPECT_TRUE(gemm);
}

TEST(Kineto, EveryRankIsAProcessWithNames) {
  const TracedStep& traced = traced_pipeline();
  const Json trace = Json::parse(kineto_text(traced, first_of_each_rank(traced)));
  EXPECT_EQ(trace.at("schemaVersion"), 1);
  EXPECT_EQ(trace.at("distributedInfo").at("world_size"), 64);
  EXPECT_EQ(trace.at("deviceProperties").at(0).at("name"), traced.scenario.cluster.gpu.name);
  std::map<int, std::string> names;
  for (const Json& event : trace.at("traceEvents")) {
    if (event.at("name") == "process_name") names[event.at("pid")] = event.at("args").at("name");
  }
  EXPECT_EQ(names.size(), 16U);
  EXPECT_EQ(names.at(32), "rank 32, pipeline rank 1");
}

}  // namespace
}  // namespace windtunnel
