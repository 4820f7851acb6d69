// The engine's speed in ops per second, on graphs shaped like those of a training step.
#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
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

// Lanes of equal length, one op after the other, each waiting for its neighbour's last op too.
OpGraph chains(std::int64_t op_count) {
  constexpr std::int32_t kLanes = 256;
  OpGraph graph;
  graph.reserve(static_cast<std::size_t>(op_count), static_cast<std::size_t>(op_count));
  for (std::int32_t lane = 0; lane < kLanes; ++lane) graph.add_lane();
  for (OpId op = 0; op < op_count; ++op) {
    std::vector<OpId> inputs;
    if (op > kLanes) inputs.push_back(op - kLanes - 1);
    graph.add_op(op % kLanes, jittered(100'000'000, op), inputs);
  }
  return graph;
}

struct Rank {
  LaneId compute;
  LaneId exchange;
  LaneId send;
  ResourceId nic;
  OpId last;  // of the compute lane
};

std::vector<Rank> add_ranks(OpGraph& graph, bool contended) {
  std::vector<Rank> ranks;
  for (int rank = 0; rank < kStages * kExpertRanks; ++rank) {
    Rank added{graph.add_lane(), graph.add_lane(), kNone, kNone, kNone};
    if (contended) {
      added.send = graph.add_lane();
      added.nic = graph.add_resource(kNicBytesPerSecond);
    }
    ranks.push_back(added);
  }
  return ranks;
}

// Attention, dispatch, experts, combine of one layer on the expert-parallel ranks of one stage; the
// experts of a micro-batch run beside the dispatch of the next, as in DualPipe.
void add_layer(OpGraph& graph, std::vector<Rank>& ranks, int stage, bool contended) {
  const GroupId dispatch = graph.add_group(kExpertRanks);
  const GroupId combine = graph.add_group(kExpertRanks);
  for (int peer = 0; peer < kExpertRanks; ++peer) {
    Rank& rank = ranks[static_cast<std::size_t>(stage * kExpertRanks + peer)];
    const std::array share{Share{rank.nic, kNicBytesPerSecond / 4 * 3}};
    const std::span<const Share> shares =
        contended ? std::span<const Share>(share) : std::span<const Share>();
    const OpId next = static_cast<OpId>(graph.ops.size());
    std::vector<OpId> inputs;
    if (rank.last != kNone) inputs.push_back(rank.last);
    const OpId attention = graph.add_op(rank.compute, jittered(400'000'000, next), inputs);
    const OpId sent = graph.add_op(rank.exchange, jittered(300'000'000, next + 1),
                                   std::array{attention}, shares, dispatch);
    const OpId experts =
        graph.add_op(rank.compute, jittered(350'000'000, next + 2), std::array{sent, attention});
    rank.last = graph.add_op(rank.exchange, jittered(300'000'000, next + 3), std::array{experts},
                             shares, combine);
  }
}

// Micro-batches through the stages, with an op that sends the result to the next stage.
OpGraph pipeline(std::int64_t op_count, bool contended) {
  OpGraph graph;
  const std::size_t expected = static_cast<std::size_t>(op_count) + 1'000;
  graph.reserve(expected, 3 * expected / 2);
  std::vector<Rank> ranks = add_ranks(graph, contended);
  for (int stage = 0; static_cast<std::int64_t>(graph.ops.size()) < op_count;
       stage = (stage + 1) % kStages) {
    for (int layer = 0; layer < kLayers; ++layer) add_layer(graph, ranks, stage, contended);
    for (int peer = 0; peer < kExpertRanks; ++peer) {
      Rank& rank = ranks[static_cast<std::size_t>(stage * kExpertRanks + peer)];
      const std::array share{Share{rank.nic, kNicBytesPerSecond / 2}};
      const OpId send = contended ? graph.add_op(rank.send, jittered(200'000'000, rank.last),
                                                 std::array{rank.last}, share)
                                  : graph.add_op(rank.exchange, jittered(200'000'000, rank.last),
                                                 std::array{rank.last});
      rank.last = kNone;
      const int after = (stage + 1) % kStages * kExpertRanks + peer;
      if (after >= kExpertRanks) ranks[static_cast<std::size_t>(after)].last = send;
    }
  }
  return graph;
}

void measure(benchmark::State& state, const OpGraph& graph) {
  for (auto _ : state) {
    Timeline timeline = run(graph);
    benchmark::DoNotOptimize(timeline.end.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(graph.ops.size()));
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
    ops += static_cast<std::int64_t>(pipeline(state.range(0), true).ops.size());
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
