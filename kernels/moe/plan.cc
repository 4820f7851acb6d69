#include "kernels/moe/plan.h"

#include <algorithm>
#include <cassert>

namespace windtunnel {
namespace {

constexpr int kWarp = 32;
constexpr int kWarpsOfRouter = 4;
constexpr int kWarpsOfSlots = 8;
constexpr std::int64_t kFewestPairs = kWarp * kWarpsOfSlots;

std::int64_t quotient_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

RouterPlan plan_router(std::int64_t tokens, int experts, int groups, int sms) {
  assert(experts > 0 && groups > 0 && experts % groups == 0);
  assert(groups == 1 || kWarp % groups == 0);
  const int lanes = kWarp / groups;
  const auto scores = static_cast<int>(quotient_up(experts / groups, lanes));
  const std::int64_t blocks = quotient_up(tokens, kWarpsOfRouter);
  constexpr std::int64_t kResident = 16;  // 64 warps an SM
  return {.scores = scores,
          .lanes_a_group = lanes,
          .warps_a_block = kWarpsOfRouter,
          .grid = std::min(blocks, kResident * sms)};
}

SlotPlan plan_slots(std::int64_t pairs, int experts, int sms) {
  const std::int64_t share = quotient_up(pairs, sms);
  const std::int64_t pairs_a_block =
      quotient_up(std::max(share, kFewestPairs), kFewestPairs) * kFewestPairs;
  return {.pairs_a_block = pairs_a_block,
          .grid = std::max<std::int64_t>(1, quotient_up(pairs, pairs_a_block)),
          .shared_bytes = kWarpsOfSlots * experts * 4};
}

std::string text(const RouterPlan& plan) {
  return std::to_string(plan.scores) + " scores a lane, " + std::to_string(plan.lanes_a_group) +
         " lanes a group, " + std::to_string(plan.warps_a_block) + " warps a block, " +
         std::to_string(plan.grid) + " blocks";
}

std::string text(const SlotPlan& plan) {
  return std::to_string(plan.pairs_a_block) + " pairs a block, " + std::to_string(plan.grid) +
         " blocks, " + std::to_string(plan.shared_bytes) + " B";
}

}  // namespace windtunnel
