// Places on the device model; they are integers, so equal.
#include "kernels/all_to_all/place.cuh"

#include "tests/kernels/all_to_all/virtual_ranks.h"

namespace windtunnel::device {
namespace {

using generate::Load;

void check_places(Gpu& gpu, const World& w, const reference::Choices& choices) {
  const HandleBuffers buffers(gpu, w);
  const Buffer<i32> chosen = parts_buffer<i32>(gpu, choices, w.max_tokens * w.top_k, "chosen");
  const Buffer<i32> counts(gpu, token_counts(w, choices), "token_counts");
  const LaunchReport report = launch_place<kTestWarps>(gpu,
                                                       {.world = w,
                                                        .chosen = chosen.data(),
                                                        .token_counts = counts.data(),
                                                        .handle = buffers.handle()},
                                                       w.ranks());
  ASSERT_EQ(report.failure, "");
  const std::vector<Places> want = placed(w, choices);
  for (int rank = 0; rank < w.ranks(); ++rank) {
    const Places& it = want[static_cast<std::size_t>(rank)];
    EXPECT_EQ(downloaded_part(buffers.unit_counts, rank * w.units(), w.units()), it.counts);
    for (std::size_t token = 0; token < it.slots.size(); ++token) {
      const std::int64_t at = (rank * w.max_tokens + static_cast<int>(token)) * w.units();
      EXPECT_EQ(downloaded_part(buffers.slots, at, w.units()), it.slots[token]) << token;
    }
    std::vector<i32> pairs(static_cast<std::size_t>(w.experts));
    for (const std::int32_t expert : choices[static_cast<std::size_t>(rank)]) {
      if (expert >= 0) ++pairs[static_cast<std::size_t>(expert)];
    }
    EXPECT_EQ(downloaded_part(buffers.expert_counts, rank * w.experts, w.experts), pairs);
  }
}

TEST(PlaceKernel, MatchesPlainCountingForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    const Load load = generate::kLoads[seed % std::size(generate::kLoads)];
    World one{.nodes = 1, .node_ranks = 3, .experts = 9, .top_k = 4, .max_tokens = 70};
    // 70 tokens: a second step of both warps, a ragged one.
    check_places(gpu, one, loaded(one, {70, 0, 33}, load, seed));
    World two{.nodes = 2, .node_ranks = 2, .experts = 8, .top_k = 3, .max_tokens = 20};
    check_places(gpu, two, node_limited(two, {20, 1, 7, 0}, 1, seed));
  });
}

TEST(PlaceKernel, RefusesAWorldThatCannotBe) {
  Gpu gpu;
  EXPECT_EQ(launch_place<kTestWarps>(gpu, {.world = {.node_ranks = 2, .experts = 3}}, 2).failure,
            "all_to_all: ranks must share the experts evenly");
}

}  // namespace
}  // namespace windtunnel::device
