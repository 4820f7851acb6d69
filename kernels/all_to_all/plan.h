// How the exchange is launched, and what it takes of memory.
#pragma once

#include <cstdint>
#include <string>

#include "kernels/all_to_all/layout.h"

namespace windtunnel {

/// CTAs a rank, warps in each, and bytes of the slab of each rank.
struct AllToAllPlan {
  int blocks;
  int warps;
  std::int64_t slab_bytes;
};

/// `local_ranks` of the world's ranks share a GPU of `sms`, and all their CTAs must be resident at
/// once. A rank takes 20 SMs at most: published kernels gain nothing beyond (kernels/all_to_all/
/// README.md), and the experts' products want the others.
AllToAllPlan plan_all_to_all(const device::World& world, int local_ranks, int sms);

/// The low-latency form: nothing runs beside it, so it takes all SMs, at most one an expert.
AllToAllPlan plan_low_latency(const device::World& world, int local_ranks, int sms);

/// `16 blocks a rank, 16 warps a block, slab 744.1 MB`.
std::string text(const AllToAllPlan& plan);

}  // namespace windtunnel
