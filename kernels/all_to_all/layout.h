// Where everything lies: which rank an expert lives on, what a rank's share of symmetric memory
// (its slab) holds, and where in it each row goes. Host and device, so that tests walk every row
// without a kernel. Ranks are numbered node by node; experts, rank by rank.
#pragma once

#include <cstdint>

#include "kernels/device/types.h"

namespace windtunnel::device {

inline constexpr int kMaxRanks = 64;
/// Ranks of a node, and nodes: each is handled by the lanes of one warp.
inline constexpr int kMaxLanes = 32;
inline constexpr int kSlabAlignment = 128;

/// Who exchanges what. `max_tokens`: of a rank; `columns`: of a BF16 row on its way back, a
/// multiple of 8; `row_bytes`, a multiple of 16, and `scales` (FP32): of a row on its way to the
/// experts; `blocks`: CTAs of a rank; `capacity`: rows that low latency keeps for a pair (source
/// rank, expert).
struct World {
  int nodes = 1;
  int node_ranks = 1;
  int experts = 1;
  int top_k = 1;
  int max_tokens = 1;
  int columns = 8;
  int row_bytes = 16;
  int scales = 0;
  int blocks = 1;
  int capacity = 1;

  WT_HOST_DEVICE constexpr int ranks() const { return nodes * node_ranks; }
  WT_HOST_DEVICE constexpr int rank_experts() const { return experts / ranks(); }
  /// Tokens are counted by unit: each rank, and behind them each node.
  WT_HOST_DEVICE constexpr int units() const { return ranks() + nodes; }
  WT_HOST_DEVICE constexpr int node_of(int rank) const { return rank / node_ranks; }
  WT_HOST_DEVICE constexpr int index_of(int rank) const { return rank % node_ranks; }
  WT_HOST_DEVICE constexpr int rank_at(int node, int index) const {
    return node * node_ranks + index;
  }
  WT_HOST_DEVICE constexpr int rank_of_expert(int expert) const { return expert / rank_experts(); }
};

/// The experts of a rank or node.
struct Experts {
  int first;
  int count;

  WT_HOST_DEVICE constexpr bool hold(int expert) const {
    return expert >= first && expert < first + count;
  }
};

WT_HOST_DEVICE constexpr Experts experts_of_unit(const World& w, int unit) {
  const int of_rank = w.rank_experts();
  if (unit < w.ranks()) return {unit * of_rank, of_rank};
  return {(unit - w.ranks()) * w.node_ranks * of_rank, w.node_ranks * of_rank};
}

/// Offsets in the slab of the arrays that a row is made of: its bytes, FP32 scales, the experts its
/// token chose (as their owner numbers them, -1 for those of others), their weights, and the
/// token's place at its source.
struct RowArrays {
  std::int64_t x;
  std::int64_t scales;
  std::int64_t experts;
  std::int64_t weights;
  std::int64_t tokens;
};

/// A slab: flags (zero before the first call, and never again set by the host), every rank's
/// counts, rows received, rows to pass on inside the node and their slots, rows that came back
/// inside the node, and across nodes.
struct Slab {
  std::int64_t flags;
  std::int64_t counts;
  RowArrays rows;
  RowArrays staged;
  std::int64_t staged_slots;
  std::int64_t returned;
  std::int64_t reduced;
  std::int64_t bytes;
};

/// Flags of a channel: one for each source rank and sender there (a CTA; of low latency's rows, an
/// expert at the receiver).
WT_HOST_DEVICE constexpr int flag_senders(const World& w) {
  return w.blocks > w.rank_experts() ? w.blocks : w.rank_experts();
}
WT_HOST_DEVICE constexpr std::int64_t flag_at(const World& w, int channel, int source, int sender) {
  return (std::int64_t{channel} * w.ranks() + source) * flag_senders(w) + sender;
}

/// Entries of one rank's row in the table of counts: tokens by unit, pairs by expert of the reader.
WT_HOST_DEVICE constexpr int count_words(const World& w) { return w.units() + w.rank_experts(); }

/// Hands out pieces of a slab.
struct SlabCursor {
  std::int64_t next = 0;

  WT_HOST_DEVICE constexpr std::int64_t take(std::int64_t bytes) {
    const std::int64_t at = next;
    next += (bytes + kSlabAlignment - 1) / kSlabAlignment * kSlabAlignment;
    return at;
  }
  WT_HOST_DEVICE constexpr RowArrays take_rows(const World& w, std::int64_t rows) {
    RowArrays at{};
    at.x = take(rows * w.row_bytes);
    at.scales = take(rows * w.scales * 4);
    at.experts = take(rows * w.top_k * 4);
    at.weights = take(rows * w.top_k * 4);
    at.tokens = take(rows * 4);
    return at;
  }
};

WT_HOST_DEVICE constexpr int smaller(int a, int b) { return a < b ? a : b; }

/// Rows of each region in the worst case: nothing that routing can do exceeds them.
WT_HOST_DEVICE constexpr std::int64_t received_rows(const World& w) {
  return std::int64_t{w.ranks()} * w.max_tokens;
}
WT_HOST_DEVICE constexpr std::int64_t staged_rows(const World& w) {
  return std::int64_t{w.nodes} * w.max_tokens;
}
WT_HOST_DEVICE constexpr std::int64_t returned_rows(const World& w) {
  return staged_rows(w) * smaller(w.top_k, w.node_ranks);
}
WT_HOST_DEVICE constexpr std::int64_t reduced_rows(const World& w) {
  return std::int64_t{w.max_tokens} * smaller(w.top_k, w.nodes);
}

/// Channels whose flags a slab holds (protocol.h).
inline constexpr int kChannels = 8;

/// The slab of the high-throughput form; a single node stages and reduces nothing.
WT_HOST_DEVICE constexpr Slab slab_of(const World& w) {
  SlabCursor cursor;
  Slab slab{};
  slab.flags = cursor.take(std::int64_t{kChannels} * w.ranks() * flag_senders(w) * 8);
  slab.counts = cursor.take(std::int64_t{w.ranks()} * count_words(w) * 4);
  slab.rows = cursor.take_rows(w, received_rows(w));
  slab.returned = cursor.take(returned_rows(w) * w.columns * 2);
  if (w.nodes > 1) {
    slab.staged = cursor.take_rows(w, staged_rows(w));
    slab.staged_slots = cursor.take(staged_rows(w) * w.node_ranks * 4);
    slab.reduced = cursor.take(reduced_rows(w) * w.columns * 2);
  }
  slab.bytes = cursor.next;
  return slab;
}

/// The slab of the low-latency form: flags, e4m3 rows [expert of the rank][source][capacity] with
/// their FP32 scales and pairs, and rows that came back, [token][choice].
struct FastSlab {
  std::int64_t flags;
  std::int64_t codes;
  std::int64_t scales;
  std::int64_t pairs;
  std::int64_t returned;
  std::int64_t bytes;
};

WT_HOST_DEVICE constexpr int fast_scales(const World& w) { return (w.columns + 127) / 128; }
WT_HOST_DEVICE constexpr std::int64_t fast_rows(const World& w) {
  return std::int64_t{w.rank_experts()} * w.ranks() * w.capacity;
}
/// The row of the `slot`-th pair of `source` for the rank's expert; only for slots below capacity.
WT_HOST_DEVICE constexpr std::int64_t fast_row(const World& w, int rank_expert, int source,
                                               int slot) {
  return (std::int64_t{rank_expert} * w.ranks() + source) * w.capacity + slot;
}
WT_HOST_DEVICE constexpr FastSlab fast_slab_of(const World& w) {
  SlabCursor cursor;
  FastSlab slab{};
  slab.flags = cursor.take(std::int64_t{kChannels} * w.ranks() * flag_senders(w) * 8);
  slab.codes = cursor.take(fast_rows(w) * w.columns);
  slab.scales = cursor.take(fast_rows(w) * fast_scales(w) * 4);
  slab.pairs = cursor.take(fast_rows(w) * 4);
  slab.returned = cursor.take(std::int64_t{w.max_tokens} * w.top_k * w.columns * 2);
  slab.bytes = cursor.next;
  return slab;
}

/// A flag is the number of the call in its upper half, so that memory is never cleared, and in its
/// lower half what is said along with it.
WT_HOST_DEVICE constexpr u64 flag_value(u32 epoch, u32 word) { return u64{epoch} << 32 | word; }
WT_HOST_DEVICE constexpr u32 flag_word(u64 flag) { return static_cast<u32>(flag); }

/// What `world` must be for the kernels, or a sentence that says what it isn't.
constexpr const char* refusal(const World& w) {
  if (w.nodes < 1 || w.node_ranks < 1 || w.nodes > kMaxLanes || w.node_ranks > kMaxLanes ||
      w.ranks() > kMaxRanks) {
    return "all_to_all: 1 to 32 nodes of 1 to 32 ranks, 64 ranks together";
  }
  if (w.experts < 1 || w.experts % w.ranks() != 0) {
    return "all_to_all: ranks must share the experts evenly";
  }
  if (w.top_k < 1 || w.top_k > kMaxLanes) return "all_to_all: 1 to 32 choices a token";
  if (w.max_tokens < 1 || w.blocks < 1 || w.capacity < 1) {
    return "all_to_all: at least one token, CTA and row";
  }
  if (w.columns < 8 || w.columns % 8 != 0) return "all_to_all: columns must be a multiple of 8";
  if (w.row_bytes < 16 || w.row_bytes % 16 != 0 || w.scales < 0) {
    return "all_to_all: rows must be a multiple of 16 bytes";
  }
  return "";
}

}  // namespace windtunnel::device
