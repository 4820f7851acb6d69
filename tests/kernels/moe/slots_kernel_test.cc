// Slots on the device model, against kernels/moe/reference.h. They are integers, so equal.
#include "kernels/moe/reference.h"
#include "kernels/moe/slots.cuh"
#include "kernels/testing/data.h"
#include "tests/kernels/kernel_case.h"

namespace windtunnel::device {
namespace {

using generate::Load;

struct Case {
  std::int64_t tokens, top_k;
  std::int32_t experts;
  std::int64_t alignment;
  int sms;
};

std::vector<std::int64_t> first(const Buffer<std::int32_t>& buffer, std::size_t count) {
  const std::vector<std::int32_t> all = buffer.download();
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)};
}

/// Results of which -1 is one: full of something else, so that an entry left out shows.
Buffer<std::int32_t> answer_buffer(Gpu& gpu, std::int64_t count, const char* name) {
  return {gpu, std::vector<std::int32_t>(static_cast<std::size_t>(count) + 1, 1 << 30), name};
}

void check_slots(Gpu& gpu, const Case& it, const std::vector<std::int32_t>& choices) {
  const auto pairs = static_cast<std::int64_t>(choices.size());
  const std::int64_t capacity = slot_capacity(pairs, it.experts, it.alignment);
  std::vector<std::int32_t> padded = choices;
  padded.push_back(0);
  const Buffer<std::int32_t> chosen(gpu, padded, "chosen");
  const auto scratch =
      result_buffer<std::int32_t>(gpu, slot_scratch(pairs, it.experts, it.sms), "block_slots");
  const auto counts = result_buffer<std::int32_t>(gpu, it.experts, "counts");
  const auto offsets = result_buffer<std::int32_t>(gpu, it.experts + 1, "offsets");
  const auto slots = answer_buffer(gpu, pairs, "slots");
  const auto slot_pairs = answer_buffer(gpu, capacity, "slot_pairs");
  const auto slot_experts = answer_buffer(gpu, capacity, "slot_experts");
  const LaunchReport report = launch_slots(gpu,
                                           {.chosen = chosen.data(),
                                            .block_slots = scratch.data(),
                                            .counts = counts.data(),
                                            .offsets = offsets.data(),
                                            .slots = slots.data(),
                                            .slot_pairs = slot_pairs.data(),
                                            .slot_experts = slot_experts.data(),
                                            .pairs = static_cast<int>(pairs),
                                            .experts = it.experts,
                                            .alignment = static_cast<int>(it.alignment),
                                            .capacity = static_cast<int>(capacity)},
                                           it.sms);
  ASSERT_EQ(report.failure, "");
  reference::Layout want = reference::layout(choices, it.top_k, it.experts, it.alignment);
  want.pairs.resize(static_cast<std::size_t>(capacity), -1);
  want.row_experts.resize(static_cast<std::size_t>(capacity), -1);
  EXPECT_EQ(first(counts, want.counts.size()), want.counts);
  EXPECT_EQ(first(offsets, want.offsets.size()), want.offsets);
  EXPECT_EQ(first(slots, choices.size()), want.slots);
  EXPECT_EQ(first(slot_pairs, want.pairs.size()), want.pairs);
  const std::vector<std::int64_t> experts(want.row_experts.begin(), want.row_experts.end());
  EXPECT_EQ(first(slot_experts, experts.size()), experts);
}

void check_load(Gpu& gpu, const Case& it, Load load, std::uint64_t seed) {
  check_slots(gpu, it, generate::choices(it.tokens, it.top_k, it.experts, load, seed));
}

TEST(SlotKernels, MatchTheirReferenceForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    const Load load = generate::kLoads[seed % std::size(generate::kLoads)];
    // Three blocks of 512 pairs, the last of them ragged; two steps of a warp.
    check_load(gpu, {171, 8, 72, 16, 3}, Load::kElsewhere, seed);
    check_load(gpu, {43, 6, 10, 8, 2}, load, seed);
    check_load(gpu, {97, 8, 256, 128, 2}, Load::kSkewed, seed);
  });
}

TEST(SlotKernels, TakeNoPairsAndOneExpertForAll) {
  on_every_seed([](Gpu& gpu, std::uint64_t) {
    check_slots(gpu, {0, 8, 12, 16, 2}, {});
    check_slots(gpu, {300, 1, 12, 16, 2}, std::vector<std::int32_t>(300, 7));
    check_slots(gpu, {40, 1, 12, 16, 2}, std::vector<std::int32_t>(40, 11));
    check_slots(gpu, {40, 1, 12, 16, 2}, std::vector<std::int32_t>(40, -1));
  });
}

TEST(SlotKernels, RefuseMoreExpertsThanTheScanHasThreads) {
  Gpu gpu;
  EXPECT_EQ(launch_slots(gpu, {.experts = 1025}, 1).failure, "slots: at most 1024 experts");
}

}  // namespace
}  // namespace windtunnel::device
