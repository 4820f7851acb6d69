// The protocols, step by step. A kernel is the list of its steps with a meaning for each; a test
// gives the same lists another meaning and walks every order in which ranks can take them
// (tests/kernels/all_to_all/small_world_test.cc).
//
// A channel carries data from a rank to its peers. Write fills regions of the peers' slabs, Raise
// sets a flag at each of them (a release), Await waits for the flags of all peers (an acquire),
// Read uses what came. Rules that make calls repeatable without clearing anything:
//   - a flag holds the number of the call, so an old one is never taken for a new one;
//   - a region is written only after its owner has entered the call, which is behind the end of all
//     its earlier calls and of whoever read their results on the same stream. The counts say so for
//     a dispatch, kFree for a combine. The low-latency form spends no message on it: its dispatches
//     and combines must alternate, and then each proves the other's region free.
#pragma once

#include "kernels/all_to_all/layout.h"
#include "kernels/device/vocabulary.h"

namespace windtunnel::device {

enum class Channel {
  kCounts,    ///< everybody's counts, to everybody
  kStaged,    ///< rows to the same index of another node
  kRows,      ///< rows to their ranks, inside the node
  kFree,      ///< no data: the regions of a combine may be written
  kReturned,  ///< rows back, inside the node
  kReduced,   ///< sums of a node's rows back to their source
  kFast,      ///< low latency: rows to their experts, flags that carry counts
  kFastBack,  ///< low latency: rows back to their token and choice
};
static_assert(static_cast<int>(Channel::kFastBack) < kChannels);

/// Whether `from` sends to `to` on the channel. Ranks are peers of themselves.
WT_HOST_DEVICE constexpr bool connected(const World& w, Channel channel, int from, int to) {
  switch (channel) {
    case Channel::kStaged:
    case Channel::kReduced:
      return w.index_of(from) == w.index_of(to);
    case Channel::kRows:
    case Channel::kReturned:
      return w.node_of(from) == w.node_of(to);
    default:
      return true;
  }
}

/// How many CTAs of a rank send on the channel, the first ones: each sets flags of its own.
WT_HOST_DEVICE constexpr int sending_blocks(const World& w, Channel channel) {
  return channel == Channel::kCounts || channel == Channel::kFree ? 1 : w.blocks;
}

template <Channel>
struct Write {};
template <Channel>
struct Raise {};
template <Channel>
struct Await {};
template <Channel>
struct Read {};
/// Reads what came on one channel and writes it to another.
template <Channel, Channel>
struct Forward {};

template <typename... Steps>
struct Protocol {
  template <typename Worker>
  __device__ __forceinline__ static void run(Worker& worker) {
    (worker.run(Steps{}), ...);
  }
};

// What follows a call on the stream reads the rows that came: Read<kRows> and Read<kFast> stand in
// no kernel.

/// Inside one node.
using DispatchProtocol =
    Protocol<Write<Channel::kCounts>, Raise<Channel::kCounts>, Await<Channel::kCounts>,
             Read<Channel::kCounts>, Write<Channel::kRows>, Raise<Channel::kRows>,
             Await<Channel::kRows>>;
using CombineProtocol =
    Protocol<Raise<Channel::kFree>, Await<Channel::kFree>, Write<Channel::kReturned>,
             Raise<Channel::kReturned>, Await<Channel::kReturned>, Read<Channel::kReturned>>;

/// Across nodes: to the rank with the same index first, and home from it last.
using TwoHopDispatchProtocol =
    Protocol<Write<Channel::kCounts>, Raise<Channel::kCounts>, Await<Channel::kCounts>,
             Read<Channel::kCounts>, Write<Channel::kStaged>, Raise<Channel::kStaged>,
             Await<Channel::kStaged>, Forward<Channel::kStaged, Channel::kRows>,
             Raise<Channel::kRows>, Await<Channel::kRows>>;
using TwoHopCombineProtocol =
    Protocol<Raise<Channel::kFree>, Await<Channel::kFree>, Write<Channel::kReturned>,
             Raise<Channel::kReturned>, Await<Channel::kReturned>,
             Forward<Channel::kReturned, Channel::kReduced>, Raise<Channel::kReduced>,
             Await<Channel::kReduced>, Read<Channel::kReduced>>;

/// Low latency.
using FastDispatchProtocol =
    Protocol<Write<Channel::kFast>, Raise<Channel::kFast>, Await<Channel::kFast>>;
using FastCombineProtocol = Protocol<Write<Channel::kFastBack>, Raise<Channel::kFastBack>,
                                     Await<Channel::kFastBack>, Read<Channel::kFastBack>>;

}  // namespace windtunnel::device
