#include "kernels/all_to_all/plan.h"

#include <algorithm>
#include <cassert>
#include <cstdio>

namespace windtunnel {
namespace {

/// 512 threads: four rows of 16 bytes a thread in flight are 32 KB an SM.
constexpr int kWarps = 16;
constexpr int kMostBlocks = 20;

AllToAllPlan planned(int most, int local_ranks, int sms) {
  assert(local_ranks > 0);
  return {
      .blocks = std::max(1, std::min(most, sms / local_ranks)), .warps = kWarps, .slab_bytes = 0};
}

}  // namespace

AllToAllPlan plan_all_to_all(const device::World& world, int local_ranks, int sms) {
  AllToAllPlan plan = planned(kMostBlocks, local_ranks, sms);
  device::World sized = world;
  sized.blocks = plan.blocks;
  plan.slab_bytes = device::slab_of(sized).bytes;
  return plan;
}

AllToAllPlan plan_low_latency(const device::World& world, int local_ranks, int sms) {
  AllToAllPlan plan = planned(world.experts, local_ranks, sms);
  device::World sized = world;
  sized.blocks = plan.blocks;
  plan.slab_bytes = device::fast_slab_of(sized).bytes;
  return plan;
}

std::string text(const AllToAllPlan& plan) {
  char megabytes[32];
  std::snprintf(megabytes, sizeof megabytes, "%.1f", static_cast<double>(plan.slab_bytes) * 1e-6);
  return std::to_string(plan.blocks) + " blocks a rank, " + std::to_string(plan.warps) +
         " warps a block, slab " + megabytes + " MB";
}

}  // namespace windtunnel
