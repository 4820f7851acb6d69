#include "simulator/engine/max_min.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <limits>
#include <span>

namespace windtunnel {
namespace {

using Link = MaxMinScratch::Link;
using Level = MaxMinScratch::Level;

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

std::span<const Share> shares_of(const MaxMinProblem& problem, std::size_t op) {
  const std::size_t begin = op == 0 ? 0 : at(problem.shares_end[op - 1]);
  return std::span(problem.shares).subspan(begin, at(problem.shares_end[op]) - begin);
}

// Equation (3), rounded down and no more than full speed.
Speed level_of(const Link& link) {
  if (link.left >= Int128{link.free_demand} << kSpeedBits) return kFullSpeed;
  return {static_cast<std::int64_t>(link.left / link.free_demand)};
}

bool later(Level a, Level b) {
  return a.speed != b.speed ? a.speed > b.speed : a.resource > b.resource;
}

// Sums the demands, and lists the ops of every link: counted, then filled from the end.
void fill_links(const MaxMinProblem& problem, MaxMinScratch& scratch) {
  scratch.links.clear();
  for (const std::int64_t capacity : problem.capacities) {
    scratch.links.push_back({Int128{capacity} << kSpeedBits, 0, 0});
  }
  for (const Share& share : problem.shares) {
    Link& link = scratch.links[at(share.resource)];
    assert(link.free_demand <= std::numeric_limits<std::int64_t>::max() - share.demand);
    link.free_demand += share.demand;
    ++link.ops_end;
  }
  std::int32_t end = 0;
  for (Link& link : scratch.links) link.ops_end = end += link.ops_end;
  scratch.ops.resize(problem.shares.size());
  for (std::size_t op = problem.shares_end.size(); op-- > 0;) {
    for (const Share& share : shares_of(problem, op)) {
      scratch.ops[at(--scratch.links[at(share.resource)].ops_end)] = static_cast<std::int32_t>(op);
    }
  }
  // Filling moved every end to its beginning, which is the end of the link before.
  for (std::size_t r = 0; r < scratch.links.size(); ++r) {
    scratch.links[r].ops_end = r + 1 < scratch.links.size()
                                   ? scratch.links[r + 1].ops_end
                                   : static_cast<std::int32_t>(scratch.ops.size());
  }
}

// Gives every op on the full resource that has no speed yet this one.
void fix_ops(const MaxMinProblem& problem, Level full, MaxMinScratch& scratch,
             std::vector<Speed>& speeds) {
  const std::size_t r = at(full.resource);
  const std::size_t begin = r == 0 ? 0 : at(scratch.links[r - 1].ops_end);
  for (std::size_t k = begin; k < at(scratch.links[r].ops_end); ++k) {
    const std::size_t op = at(scratch.ops[k]);
    if (speeds[op] != kStandstill) continue;
    speeds[op] = full.speed;
    for (const Share& share : shares_of(problem, op)) {
      Link& link = scratch.links[at(share.resource)];
      link.free_demand -= share.demand;
      link.left -= Int128{share.demand} * full.speed.parts;
    }
  }
}

}  // namespace

void max_min(const MaxMinProblem& problem, MaxMinScratch& scratch, std::vector<Speed>& speeds) {
  fill_links(problem, scratch);
  speeds.assign(problem.shares_end.size(), kStandstill);
  std::vector<Level>& levels = scratch.levels;
  levels.clear();
  for (std::size_t r = 0; r < scratch.links.size(); ++r) {
    if (scratch.links[r].free_demand == 0) continue;
    levels.push_back({level_of(scratch.links[r]), static_cast<ResourceId>(r)});
  }
  std::make_heap(levels.begin(), levels.end(), later);
  while (!levels.empty()) {
    std::pop_heap(levels.begin(), levels.end(), later);
    Level& lowest = levels.back();
    const Link& link = scratch.links[at(lowest.resource)];
    if (link.free_demand == 0) {
      levels.pop_back();
      continue;
    }
    const Speed speed = level_of(link);
    if (lowest.speed < speed) {
      lowest.speed = speed;
      std::push_heap(levels.begin(), levels.end(), later);
      continue;
    }
    if (speed == kFullSpeed) break;
    assert(speed > kStandstill);
    const Level full = lowest;
    levels.pop_back();
    fix_ops(problem, full, scratch, speeds);
  }
  std::replace(speeds.begin(), speeds.end(), kStandstill, kFullSpeed);
}

}  // namespace windtunnel
