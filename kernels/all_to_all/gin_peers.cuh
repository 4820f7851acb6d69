// Peers on GPUs of several nodes: pointers inside a node, as lsa_peers.cuh, and between nodes puts
// of NCCL's device API (GIN, 2.28). A put reads registered memory of its own rank, so what leaves
// the node is first written to an outbox. Instead of flags other nodes raise signals, which count:
// after call e a signal that k CTAs raise stands at e k.
#pragma once

#include <nccl_device.h>

#include "kernels/all_to_all/two_hops.cuh"

namespace windtunnel::device {

/// What a rank has ready for other nodes: counts for each rank, and for each node rows with their
/// slots and sums, place by place.
struct Outbox {
  i64 counts;
  RowArrays rows;
  i64 slots;
  i64 reduced;
  i64 bytes;
};

WT_HOST_DEVICE constexpr Outbox outbox_of(const World& w) {
  SlabCursor cursor;
  Outbox box{};
  box.counts = cursor.take(i64{w.ranks()} * count_words(w) * 4);
  box.rows = cursor.take_rows(w, staged_rows(w));
  box.slots = cursor.take(staged_rows(w) * w.node_ranks * 4);
  box.reduced = cursor.take(staged_rows(w) * w.columns * 2);
  box.bytes = cursor.next;
  return box;
}

/// Signals that ncclDevCommCreate must be asked for: one a channel between nodes and source.
enum class GinChannel { kCounts, kStaged, kFree, kReduced };
inline constexpr int kGinChannels = 4;
WT_HOST_DEVICE constexpr int gin_signals(const World& w) { return kGinChannels * w.ranks(); }

/// `window` and `box_window`: slabs and outboxes, registered by all ranks together; `box`: our
/// outbox. Ranks are numbered as NCCL's world, node by node. The grid is the rank's `blocks`, all
/// resident at once.
struct GinPeers {
  ncclDevComm comm = {};
  ncclWindow_t window = nullptr;
  ncclWindow_t box_window = nullptr;
  u8* box = nullptr;
  Outbox layout = {};
  int rank = 0;
  int node_ranks = 1;

  /// Of a rank of this node only.
  __device__ __forceinline__ u8* slab(int peer) const {
    return static_cast<u8*>(ncclGetLsaPointer(window, 0, peer % node_ranks));
  }
  __device__ __forceinline__ Self self(const World& /*world*/) const {
    return {rank, static_cast<int>(blockIdx.x), 0};
  }
  __device__ __forceinline__ ncclGin_SignalInc signal_of(const World& w, GinChannel channel,
                                                         int source) const {
    return {static_cast<ncclGinSignal_t>(static_cast<int>(channel) * w.ranks() + source)};
  }

  /// `bytes` of the outbox to `peer`'s slab; nothing for none.
  __device__ __forceinline__ void put(const ncclGin& gin, int peer, i64 to, i64 from,
                                      i64 bytes) const {
    if (bytes == 0) return;
    gin.put(ncclTeamWorld(comm), peer, window, static_cast<size_t>(to), box_window,
            static_cast<size_t>(from), static_cast<size_t>(bytes));
  }
  /// Behind everything that this thread has put to `peer` before.
  __device__ __forceinline__ void raise(const ncclGin& gin, const World& w, GinChannel channel,
                                        int peer) const {
    gin.signal(ncclTeamWorld(comm), peer, signal_of(w, channel, rank));
  }
  /// Until `senders` CTAs of `source` have raised it in each of `epoch` calls.
  __device__ __forceinline__ void await(const ncclGin& gin, const World& w, GinChannel channel,
                                        int source, u32 epoch, int senders) const {
    gin.waitSignal(ncclCoopThread{}, signal_of(w, channel, source).signal,
                   u64{epoch} * static_cast<u64>(senders));
  }
};

/// Places of a node's `count` that the CTA takes: neighbours, so that a put moves them at once.
struct PlaceRange {
  i64 first;
  i64 last;
};
__device__ __forceinline__ PlaceRange places_of(const World& w, const Self& self, i64 count) {
  return {count * self.block / w.blocks, count * (self.block + 1) / w.blocks};
}

}  // namespace windtunnel::device
