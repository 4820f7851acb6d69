// A small world, walked exhaustively: two or three ranks (and two nodes of two for one call), every
// order in which their CTAs can take the steps of the protocols.
//
// What is walked is a machine made from the same lists of steps that the kernels run (protocol.h),
// spelt out peer by peer with the same connected() and sending_blocks(): one write, flag or wait at
// a time. A program has no branches, so a state of the world is how far each CTA is, and everything
// else (flags, what stands in a region, who has read it) follows from that. Every reachable state
// is visited once, and in each one the next step of every CTA that can go on is checked:
//   - a write to a peer's region comes after all its readers have read what the call before left;
//   - a read comes after every sender's write of this call, and before its write of the next;
//   - somebody can go on, unless all have finished (no deadlock).
// So no data is lost, read twice, or read before it is there, in any order. Rows within a region
// are layout_test.cc's matter: there every routing of a small world is walked.
//
// Its limits: steps are atomic and in program order, so a missing release or acquire does not show
// here; the device model's clocks find that, in the kernels themselves, but on the schedules of its
// seeds only. A region is what one CTA sends to one rank on a channel. Few calls, one or two CTAs.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/all_to_all/protocol.h"

namespace windtunnel::device {
namespace {

enum class Kind : std::uint8_t { kWrite, kRaise, kAwait, kRead, kMeet };

/// One atomic step; `peer` is whose region or flag it is. kMeet is the end of a kernel: the CTAs of
/// a rank have all come there.
struct Operation {
  Kind kind;
  Channel channel;
  int peer;
  int call;  ///< how many-th use of the channel, from 1
};

/// Meanings of the steps: what a CTA does, one peer after the other.
struct Recorder {
  const World& w;
  int rank;
  int block;
  std::vector<Operation> program = {};
  int uses[kChannels] = {};

  bool sends(Channel channel) const { return block < sending_blocks(w, channel); }
  /// Calls of a channel are counted by its Await, or by its last use before that.
  int call(Channel channel) const { return uses[static_cast<int>(channel)] + 1; }

  void each(Kind kind, Channel channel, bool incoming) {
    for (int peer = 0; peer < w.ranks(); ++peer) {
      const bool is_peer =
          incoming ? connected(w, channel, peer, rank) : connected(w, channel, rank, peer);
      if (is_peer) program.push_back({kind, channel, peer, call(channel)});
    }
  }
  template <Channel kChannel>
  void run(Write<kChannel>) {
    if (sends(kChannel)) each(Kind::kWrite, kChannel, false);
  }
  template <Channel kChannel>
  void run(Raise<kChannel>) {
    if (sends(kChannel)) each(Kind::kRaise, kChannel, false);
  }
  template <Channel kChannel>
  void run(Await<kChannel>) {
    each(Kind::kAwait, kChannel, true);
    ++uses[static_cast<int>(kChannel)];
  }
  /// What came stands where the last Await said.
  template <Channel kChannel>
  void run(Read<kChannel>) {
    program.push_back({Kind::kRead, kChannel, rank, uses[static_cast<int>(kChannel)]});
  }
  template <Channel kFrom, Channel kTo>
  void run(Forward<kFrom, kTo>) {
    for (int peer = 0; peer < w.ranks(); ++peer) {
      if (!connected(w, kTo, rank, peer)) continue;
      run(Read<kFrom>{});
      program.push_back({Kind::kWrite, kTo, peer, call(kTo)});
    }
  }
  void meet() { program.push_back({Kind::kMeet, Channel::kCounts, rank, ++meetings}); }
  int meetings = 0;
};

/// Kernels on a stream, and behind a dispatch whoever reads its rows.
template <typename Call>
void follow(Recorder& cta) {
  Call::run(cta);
  cta.meet();
}
using TakeRows = Protocol<Read<Channel::kRows>>;
using TakeFast = Protocol<Read<Channel::kFast>>;

/// A way to make every program wrong: steps that are left out.
struct Fault {
  bool planted = false;
  Kind kind = Kind::kAwait;
  Channel channel = Channel::kCounts;

  bool hits(const Operation& it) const {
    return planted && it.kind == kind && it.channel == channel;
  }
};

class SmallWorld {
 public:
  template <typename... Calls>
  static std::string walk(const World& w, const Fault& fault = {}) {
    SmallWorld world(w);
    for (int rank = 0; rank < w.ranks(); ++rank) {
      for (int block = 0; block < w.blocks; ++block) {
        Recorder cta{.w = w, .rank = rank, .block = block};
        (follow<Calls>(cta), ...);
        std::erase_if(cta.program, [&](const Operation& it) { return fault.hits(it); });
        world.programs_.push_back(cta.program);
      }
    }
    return world.explore();
  }

 private:
  explicit SmallWorld(const World& w) : w_{w} {}

  /// How often a CTA has done such an operation.
  int done(std::size_t cta, Kind kind, Channel channel, int peer) const {
    return count_[cta][at_[cta]][index(kind, channel, peer)];
  }
  std::size_t index(Kind kind, Channel channel, int peer) const {
    return (static_cast<std::size_t>(kind) * kChannels + static_cast<std::size_t>(channel)) *
               static_cast<std::size_t>(w_.ranks()) +
           static_cast<std::size_t>(peer);
  }
  std::size_t cta_of(int rank, int block) const {
    return static_cast<std::size_t>(rank * w_.blocks + block);
  }

  void count_operations() {
    const std::size_t kinds = index(Kind::kMeet, Channel::kCounts, w_.ranks() - 1) + 1;
    for (const std::vector<Operation>& program : programs_) {
      auto& counts = count_.emplace_back(1, std::vector<std::uint8_t>(kinds));
      for (const Operation& it : program) {
        counts.push_back(counts.back());
        ++counts.back()[index(it.kind, it.channel, it.peer)];
      }
    }
  }

  bool enabled(int rank, const Operation& it) const {
    if (it.kind == Kind::kAwait) {
      for (int block = 0; block < sending_blocks(w_, it.channel); ++block) {
        if (done(cta_of(it.peer, block), Kind::kRaise, it.channel, rank) < it.call) return false;
      }
    }
    if (it.kind == Kind::kMeet) {
      for (int block = 0; block < w_.blocks; ++block) {
        const std::size_t cta = cta_of(rank, block);
        // The others have come to this meeting or gone on from it.
        const bool here = at_[cta] < programs_[cta].size() &&
                          programs_[cta][at_[cta]].kind == Kind::kMeet &&
                          programs_[cta][at_[cta]].call == it.call;
        if (!here && done(cta, Kind::kMeet, Channel::kCounts, rank) < it.call) return false;
      }
    }
    return true;
  }

  /// Readers of the channel at a rank: how often a CTA there reads what a call brought differs by
  /// protocol, so what counts is whether it still has a read of an earlier call before it.
  bool still_to_read(std::size_t cta, Channel channel, int before_call) const {
    const std::vector<Operation>& program = programs_[cta];
    for (std::size_t i = at_[cta]; i < program.size(); ++i) {
      if (program[i].kind != Kind::kRead || program[i].channel != channel) continue;
      return program[i].call < before_call;
    }
    return false;
  }

  /// What is wrong with taking the step now.
  std::string wrong(int rank, const Operation& it) const {
    if (it.kind == Kind::kWrite) {
      for (int block = 0; block < w_.blocks; ++block) {
        if (still_to_read(cta_of(it.peer, block), it.channel, it.call)) return "lost";
      }
    }
    if (it.kind == Kind::kRead) {
      for (int source = 0; source < w_.ranks(); ++source) {
        if (!connected(w_, it.channel, source, rank)) continue;
        for (int block = 0; block < sending_blocks(w_, it.channel); ++block) {
          const int written = done(cta_of(source, block), Kind::kWrite, it.channel, rank);
          if (written < it.call) return "read before written";
          if (written > it.call) return "overwritten";
        }
      }
    }
    return "";
  }

  std::string explore() {
    count_operations();
    at_.assign(programs_.size(), 0);
    std::uint64_t size = 1;
    std::vector<std::uint64_t> stride;
    for (const auto& program : programs_) {
      stride.push_back(size);
      size *= program.size() + 1;
    }
    if (size > std::uint64_t{1} << 31) return "too large";
    std::vector<bool> seen(size);
    std::vector<std::uint64_t> open{0};
    seen[0] = true;
    while (!open.empty()) {
      const std::uint64_t state = open.back();
      open.pop_back();
      bool moves = false;
      for (std::size_t cta = 0; cta < programs_.size(); ++cta) {
        at_[cta] = state / stride[cta] % (programs_[cta].size() + 1);
      }
      for (std::size_t cta = 0; cta < programs_.size(); ++cta) {
        if (at_[cta] == programs_[cta].size()) continue;
        const int rank = static_cast<int>(cta) / w_.blocks;
        const Operation& it = programs_[cta][at_[cta]];
        if (!enabled(rank, it)) continue;
        moves = true;
        const std::string fault = wrong(rank, it);
        if (!fault.empty()) return fault;
        const std::uint64_t next = state + stride[cta];
        if (!seen[next]) open.push_back(next);
        seen[next] = true;
      }
      if (!moves && state + 1 != size) return "deadlock";
    }
    return "";
  }

  World w_;
  std::vector<std::vector<Operation>> programs_;
  /// Of each CTA after each number of steps: operations done, by kind, channel and peer.
  std::vector<std::vector<std::vector<std::uint8_t>>> count_;
  std::vector<std::size_t> at_;
};

World world(int nodes, int node_ranks, int blocks) {
  return {.nodes = nodes, .node_ranks = node_ranks, .blocks = blocks};
}

template <typename... Calls>
void expect_sound(const World& w) {
  EXPECT_EQ(SmallWorld::walk<Calls...>(w), "")
      << w.nodes << " nodes of " << w.node_ranks << ", " << w.blocks << " CTAs";
}

TEST(SmallWorld, OneHopIsSoundInEveryOrder) {
  for (const World& w : {world(1, 2, 1), world(1, 3, 1)}) {
    expect_sound<DispatchProtocol, TakeRows, CombineProtocol, DispatchProtocol, TakeRows,
                 CombineProtocol>(w);
    expect_sound<DispatchProtocol, TakeRows, DispatchProtocol, TakeRows>(w);
    expect_sound<DispatchProtocol, CombineProtocol, CombineProtocol>(w);
  }
  expect_sound<DispatchProtocol, TakeRows, DispatchProtocol, TakeRows>(world(1, 2, 2));
  expect_sound<CombineProtocol, CombineProtocol>(world(1, 2, 2));
}

TEST(SmallWorld, TwoHopsAreSoundInEveryOrder) {
  for (const World& w : {world(2, 1, 1), world(3, 1, 1)}) {
    expect_sound<TwoHopDispatchProtocol, TakeRows, TwoHopCombineProtocol, TwoHopDispatchProtocol,
                 TakeRows, TwoHopCombineProtocol>(w);
  }
  expect_sound<TwoHopDispatchProtocol, TakeRows, TwoHopDispatchProtocol, TakeRows>(world(2, 1, 2));
  // Where a rank is nobody's direct peer: what it reads is safe by way of others.
  expect_sound<TwoHopDispatchProtocol, TakeRows, TwoHopDispatchProtocol>(world(2, 2, 1));
  expect_sound<TwoHopCombineProtocol, TwoHopCombineProtocol>(world(2, 2, 1));
}

TEST(SmallWorld, LowLatencyIsSoundInEveryOrderIfCallsAlternate) {
  for (const World& w : {world(1, 2, 1), world(1, 3, 1), world(1, 2, 2)}) {
    expect_sound<FastDispatchProtocol, TakeFast, FastCombineProtocol, FastDispatchProtocol,
                 TakeFast, FastCombineProtocol>(w);
  }
}

// And what it finds if something is left out.

TEST(SmallWorld, LowLatencyLosesRowsIfCallsDoNotAlternate) {
  EXPECT_EQ(
      (SmallWorld::walk<FastDispatchProtocol, TakeFast, FastDispatchProtocol>(world(1, 2, 1))),
      "lost");
  EXPECT_EQ((SmallWorld::walk<FastCombineProtocol, FastCombineProtocol>(world(1, 2, 1))), "lost");
}

TEST(SmallWorld, AStepLeftOutOfOneHopIsFound) {
  const auto dispatched = [](Kind kind, Channel channel) {
    return SmallWorld::walk<DispatchProtocol, TakeRows, DispatchProtocol, TakeRows>(
        world(1, 2, 1), {true, kind, channel});
  };
  EXPECT_EQ(dispatched(Kind::kAwait, Channel::kCounts), "read before written");
  EXPECT_EQ(dispatched(Kind::kAwait, Channel::kRows), "read before written");
  EXPECT_EQ(dispatched(Kind::kRaise, Channel::kCounts), "deadlock");
  EXPECT_EQ(dispatched(Kind::kRaise, Channel::kRows), "deadlock");
  EXPECT_EQ(dispatched(Kind::kWrite, Channel::kRows), "read before written");
  const auto combined = [](Kind kind, Channel channel) {
    return SmallWorld::walk<CombineProtocol, CombineProtocol>(world(1, 2, 1),
                                                              {true, kind, channel});
  };
  EXPECT_EQ(combined(Kind::kAwait, Channel::kFree), "lost");
  EXPECT_EQ(combined(Kind::kAwait, Channel::kReturned), "read before written");
  // The kernel's end is part of the protocol: one CTA may not begin what another has not finished.
  EXPECT_EQ((SmallWorld::walk<DispatchProtocol, TakeRows, DispatchProtocol>(
                world(1, 2, 2), {true, Kind::kMeet, Channel::kCounts})),
            "lost");
}

TEST(SmallWorld, AStepLeftOutOfTwoHopsIsFound) {
  const auto dispatched = [](Kind kind, Channel channel) {
    return SmallWorld::walk<TwoHopDispatchProtocol, TakeRows, TwoHopDispatchProtocol>(
        world(2, 2, 1), {true, kind, channel});
  };
  EXPECT_EQ(dispatched(Kind::kAwait, Channel::kStaged), "read before written");
  EXPECT_EQ(dispatched(Kind::kAwait, Channel::kRows), "read before written");
  const auto combined = [](Kind kind, Channel channel) {
    return SmallWorld::walk<TwoHopCombineProtocol, TwoHopCombineProtocol>(world(2, 2, 1),
                                                                          {true, kind, channel});
  };
  EXPECT_EQ(combined(Kind::kAwait, Channel::kFree), "lost");
  EXPECT_EQ(combined(Kind::kAwait, Channel::kReturned), "read before written");
  EXPECT_EQ(combined(Kind::kAwait, Channel::kReduced), "read before written");
  EXPECT_EQ(combined(Kind::kRaise, Channel::kReduced), "deadlock");
}

}  // namespace
}  // namespace windtunnel::device
