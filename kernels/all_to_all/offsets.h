// Receive offsets: the row of each token in every region, from the table of all ranks' counts.
// `count(source, unit)` reads the table: tokens that a rank sends to a rank or (behind the ranks)
// to a node. Every rank has the whole table, so that nobody has to be told where its rows go.
#pragma once

#include "kernels/all_to_all/layout.h"
#include "kernels/device/vocabulary.h"

namespace windtunnel::device {

/// First row at rank `to` of what `source` sends: rows lie by source rank, then token.
template <typename Count>
__device__ __forceinline__ int receive_base(const Count& count, int source, int to) {
  int base = 0;
  for (int rank = 0; rank < source; ++rank) base += count(rank, to);
  return base;
}

/// First row at `keeper`, a rank of the node of `from`, of what comes back from `from` for the
/// tokens of the rank with the keeper's index in `node`. In a world of one node that is the keeper
/// itself.
template <typename Count>
__device__ __forceinline__ int return_base(const World& w, const Count& count, int keeper, int node,
                                           int from) {
  int base = 0;
  const int first = w.rank_at(w.node_of(keeper), 0);
  for (int earlier = 0; earlier <= node; ++earlier) {
    const int source = w.rank_at(earlier, w.index_of(keeper));
    const int last = earlier == node ? from : first + w.node_ranks;
    for (int rank = first; rank < last; ++rank) base += count(source, rank);
  }
  return base;
}

/// First row at `source` of what comes back from `node`, summed there.
template <typename Count>
__device__ __forceinline__ int reduced_base(const World& w, const Count& count, int source,
                                            int node) {
  int base = 0;
  for (int earlier = 0; earlier < node; ++earlier) base += count(source, w.ranks() + earlier);
  return base;
}

}  // namespace windtunnel::device
