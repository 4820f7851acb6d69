// How ops that compete for resources share them: bounded, weighted max-min fairness.
//
// Op i would use d_ir units per second of resource r (capacity C_r) if it ran at full speed. At the
// speed s_i it uses d_ir s_i, so that the speeds must satisfy
//
//     (1)  sum over i of d_ir s_i <= C_r   for every resource r
//     (2)  0 < s_i <= 1                    for every op i
//
// Of all such speeds the max-min fair ones are wanted: the smallest speed is as large as possible,
// then the second smallest, and so on. There is exactly one such vector, and a test for it: every
// op either runs at full speed or has a bottleneck, a resource that is full and on which no op is
// faster. A demand is thus a weight in (1), and fairness is between the speeds of ops: two ops on
// one link are slowed by the same factor, whatever they move.
//
// Progressive filling finds it. Let all speeds rise together from zero. With F the ops whose speed
// is fixed already, resource r is full when the common speed reaches the level
//
//     (3)  L_r = (C_r - sum over i in F of d_ir s_i) / sum over i not in F of d_ir
//
// The smallest level L is reached first. If L >= 1, (2) stops every op that is left at full speed.
// Otherwise the ops not in F on that resource get s = L and join F. With D their demand on another
// resource r of level L_r >= L and free demand S, its level becomes
//
//     (4)  (L_r S - L D) / (S - D) >= L_r
//
// so levels never fall: a level computed earlier is a lower bound, which makes a heap with lazy
// updates exact, and speeds are fixed in rising order, which makes the result max-min fair.
//
// All of it is in integers: L is rounded down to 2^-60, so that (1) holds exactly, the sums in (3)
// don't depend on the order of ops, and equal problems have equal answers on every machine.
#pragma once

#include <cstdint>
#include <vector>

#include "simulator/engine/route_table.h"
#include "simulator/engine/speed.h"

namespace windtunnel {

/// Ops 0..n-1 with their shares of resources 0..m-1, numbered within the problem.
struct MaxMinProblem {
  std::vector<std::int64_t> capacities;  ///< units per second, by resource
  std::vector<std::int32_t> shares_end;  ///< by op: where its shares end, and the next op's begin
  std::vector<Share> shares;             ///< of all ops, in the order of ops
};

/// Memory that solving again and again uses again; holds nothing between two calls.
struct MaxMinScratch {
  struct Link {
    Int128 left;               // C_r minus what fixed ops use, times 2^60
    std::int64_t free_demand;  // of the ops not fixed yet
    std::int32_t ops_end;
  };
  struct Level {
    Speed speed;
    ResourceId resource;
  };
  std::vector<Link> links;
  std::vector<std::int32_t> ops;  // on every link, one after the other
  std::vector<Level> levels;
};

/// Writes the max-min fair speed of every op; the sum of demands on a resource must fit an int64.
void max_min(const MaxMinProblem& problem, MaxMinScratch& scratch, std::vector<Speed>& speeds);

}  // namespace windtunnel
