// The engine's speed in ops per second, on graphs shaped like those of a training step.
#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "simulator/engine/op_graph.h"
#include "simulator/engine/run.h"

namespace windtunnel {
namespace {

constexpr std::int64_t kNicBytesPerSecond = 50'000'000'000;
constexpr int kExpertRanks = 8;
constexpr int kStages = 16;
constexpr int kLayers = 1;

// Times that differ from op to op, as jitter and routing make them.
Picoseconds jittered(std::int64_t work, OpId op) {
  const std::uint32_t mixed = static_cast<std::uint32_t>(op) * 2654435761u;
  return {work + static_cast<std::int64_t>(mixed >> 16)};
}

// Lanes of equal length, one op after the other, each waiting for its neighbour's last op too: a
// graph of one member, every op a row.
OpGraph chains(std::int64_t ops) {
  constexpr std::int32_t kLanes = 256;
  OpGraph graph;
  for (std::int32_t lane = 0; lane < kLanes; ++lane) graph.add_lane();
  for (OpId op = 0; op < ops; ++op) {
    std::vector<OpId> inputs;
    if (op > kLanes) inputs.push_back(op - kLanes - 1);
    graph.add_op(op % kLanes, jittered(100'000'000, op), inputs);
  }
  return graph;
}

struct Stage {
  LaneId compute;
  LaneId exchange;
  LaneId send;
  std::int32_t exchange_routes;  // kNone: nothing is shared
  std::int32_t send_routes;
  RowId last;  // of the compute lane
};

// Each member draws so much of its NIC.
std::int32_t add_routes(OpGraph& graph, const std::vector<ResourceId>& nics, std::int64_t demand) {
  std::vector<RouteId> routes;
  for (const ResourceId nic : nics)
    routes.push_back(graph.add_route(std::array{Share{nic, demand}}));
  return graph.add_member_routes(routes);
}

std::vector<Stage> add_stages(OpGraph& graph, bool contended) {
  std::vector<Stage> stages;
  for (int stage = 0; stage < kStages; ++stage) {
    Stage added{graph.add_lane(), graph.add_lane(), graph.add_lane(), kNone, kNone, kNone};
    if (contended) {
      std::vector<ResourceId> nics;
      for (int rank = 0; rank < kExpertRanks; ++rank) {
        nics.push_back(graph.add_resource(kNicBytesPerSecond));
      }
      added.exchange_routes = add_routes(graph, nics, kNicBytesPerSecond / 4 * 3);
      added.send_routes = add_routes(graph, nics, kNicBytesPerSecond / 2);
    }
    stages.push_back(added);
  }
  return stages;
}

std::vector<Picoseconds> works(const OpGraph& graph, std::int64_t work) {
  std::vector<Picoseconds> all;
  for (int member = 0; member < graph.members; ++member) {
    all.push_back(jittered(work, static_cast<OpId>(op_count(graph)) + member));
  }
  return all;
}

// Attention, dispatch, experts, combine of one layer on the expert-parallel ranks of one stage; the
// experts of a micro-batch run beside the dispatch of the next, as in DualPipe.
void add_layer(OpGraph& graph, Stage& stage) {
  std::vector<RowId> inputs;
  if (stage.last != kNone) inputs.push_back(stage.last);
  const auto meet = [&] { return RowGroups{graph.add_group(kExpertRanks), kExpertRanks}; };
  const RowId attention = graph.add_row(stage.compute, works(graph, 400'000'000), inputs);
  const RowId sent = graph.add_row(stage.exchange, works(graph, 300'000'000), std::array{attention},
                                   stage.exchange_routes, meet());
  const RowId experts =
      graph.add_row(stage.compute, works(graph, 350'000'000), std::array{sent, attention});
  stage.last = graph.add_row(stage.exchange, works(graph, 300'000'000), std::array{experts},
                             stage.exchange_routes, meet());
}

// Micro-batches through the stages, with a row that sends the result to the next stage.
OpGraph pipeline(std::int64_t ops, bool contended) {
  OpGraph graph;
  graph.members = kExpertRanks;
  std::vector<Stage> stages = add_stages(graph, contended);
  for (std::size_t at = 0; static_cast<std::int64_t>(op_count(graph)) < ops;
       at = (at + 1) % kStages) {
    Stage& stage = stages[at];
    for (int layer = 0; layer < kLayers; ++layer) add_layer(graph, stage);
    const RowId send =
        graph.add_row(contended ? stage.send : stage.exchange, works(graph, 200'000'000),
                      std::array{stage.last}, stage.send_routes);
    stage.last = kNone;
    if (at + 1 < kStages) stages[at + 1].last = send;
  }
  return graph;
}

void measure(benchmark::State& state, const OpGraph& graph) {
  for (auto _ : state) {
    Timeline timeline = run(graph);
    benchmark::DoNotOptimize(timeline.end.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(op_count(graph)));
}

void run_chains(benchmark::State& state) { measure(state, chains(state.range(0))); }

void run_pipeline_with_groups(benchmark::State& state) {
  measure(state, pipeline(state.range(0), false));
}

void run_pipeline_with_contended_links(benchmark::State& state) {
  measure(state, pipeline(state.range(0), true));
}

void build_pipeline(benchmark::State& state) {
  std::int64_t ops = 0;
  for (auto _ : state) {
    ops += static_cast<std::int64_t>(op_count(pipeline(state.range(0), true)));
  }
  state.SetItemsProcessed(ops);
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t ops : {10'000, 100'000, 1'000'000, 4'000'000}) benchmark->Arg(ops);
  benchmark->Unit(benchmark::kMillisecond);
}

BENCHMARK(run_chains)->Apply(sizes);
BENCHMARK(run_pipeline_with_groups)->Apply(sizes);
BENCHMARK(run_pipeline_with_contended_links)->Apply(sizes);
BENCHMARK(build_pipeline)->Apply(sizes);

}  // namespace
}  // namespace windtunnel
