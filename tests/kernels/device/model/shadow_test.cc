// The shadow cell by cell: masks, the last write, readers, definedness.
#include "kernels/device/model/shadow.h"

#include "gtest/gtest.h"

namespace windtunnel::device::model {
namespace {

/// Two agents of one CTA, of whom the observer is agent 0 and knows agent 1 up to `known`.
struct World2 {
  BlockPool pool{4};
  Knowledge knowledge;
  OwnEpochs own;
  Random random{1};

  explicit World2(Epoch known) {
    knowledge.seen.own = pool.copy(BlockRef{});
    knowledge.async.own = pool.copy(BlockRef{});
    BlockPool::raise(*knowledge.seen.own.get(), 1, known);
    own.agents = {0, 100, 101, 102, 103};
    own.seen[OwnEpochs::kThread] = 1;
  }
  Observer observer() const { return {knowledge, &own, 0, 1, 1}; }
};

Access access(std::uint16_t agent, Epoch epoch) {
  Access it;
  it.agent = agent;
  it.epoch = epoch;
  it.launch = 1;
  return it;
}

/// Agent 1 accesses without anybody objecting.
Observer everything(const World2& world) { return {world.knowledge, &world.own, 0, 9, 1}; }

using Kind = Conflict::Kind;

TEST(Shadow, AWriteThatIsNotKnownIsARace) {
  for (const Epoch known : {4U, 5U}) {
    World2 world(known);
    Shadow shadow(64, {});
    shadow.write(8, 4, access(1, 5), everything(world), true);
    const Conflict read = shadow.read(8, 4, access(0, 1), world.observer(), world.random);
    EXPECT_EQ(read.kind, known == 5 ? Kind::kNone : Kind::kRace);
    EXPECT_EQ(shadow.read(12, 4, access(0, 1), world.observer(), world.random).kind,
              Kind::kUndefined);
    const Conflict wide = shadow.write(0, 32, access(0, 1), world.observer(), true);
    EXPECT_EQ(wide.kind, known == 5 ? Kind::kNone : Kind::kRace);
    EXPECT_EQ(wide.earlier.epoch, known == 5 ? 0U : 5U);
  }
}

TEST(Shadow, AWriteOfOtherBytesIsNone) {
  World2 world(0);
  Shadow shadow(64, {});
  shadow.write(8, 4, access(1, 5), everything(world), true);
  EXPECT_EQ(shadow.write(4, 4, access(0, 1), world.observer(), true).kind, Kind::kNone);
  EXPECT_EQ(shadow.write(12, 4, access(0, 1), world.observer(), true).kind, Kind::kNone);
  EXPECT_EQ(shadow.write(11, 1, access(0, 1), world.observer(), true).kind, Kind::kRace);
}

TEST(Shadow, EveryReaderIsRemembered) {
  World2 world(0);
  for (std::uint16_t reader = 1; reader < 8; ++reader) {
    Shadow shadow(16, {});
    shadow.define(0, 16);
    // The others are known to have read; one is not.
    for (std::uint16_t agent = 1; agent < 8; ++agent) {
      const Epoch epoch = agent == reader ? 1 : 0;
      shadow.read(0, 16, access(agent, epoch), world.observer(), world.random);
    }
    EXPECT_EQ(shadow.write(0, 16, access(0, 1), world.observer(), true).kind, Kind::kRace);
  }
}

TEST(Shadow, StrongAccessesAreJudgedByTheirScope) {
  World2 world(0);
  Shadow shadow(16, {});
  Access first = access(1, 5);
  first.cta = 1;
  first.strength = Strength::kGpu;
  shadow.write(0, 4, first, everything(world), true);
  Access second = access(0, 1);
  second.strength = Strength::kGpu;
  // One CTA a rank: the GPU's scope does not reach the other.
  EXPECT_EQ(shadow.write(0, 4, second, world.observer(), true).kind, Kind::kRace);
  const Observer one_rank(world.knowledge, &world.own, 0, 1, 2);
  EXPECT_EQ(shadow.write(0, 4, second, one_rank, true).kind, Kind::kNone);
  second.strength = Strength::kCta;
  EXPECT_EQ(shadow.write(0, 4, second, one_rank, true).kind, Kind::kRace);
}

TEST(Shadow, TheAsyncProxyHasAClockOfItsOwn) {
  World2 world(5);
  Shadow shadow(16, {});
  shadow.write(0, 16, access(1, 5), everything(world), true);
  Access async = access(0, 1);
  async.async = true;
  EXPECT_EQ(shadow.read(0, 16, async, world.observer(), world.random).kind, Kind::kProxy);
  BlockPool::raise(*world.knowledge.async.own.get(), 1, 5);
  EXPECT_EQ(shadow.read(0, 16, async, world.observer(), world.random).kind, Kind::kNone);
}

TEST(Shadow, DefinednessIsByByte) {
  World2 world(0);
  Shadow shadow(64, {});
  shadow.define(3, 20);
  EXPECT_EQ(shadow.read(3, 20, access(0, 1), world.observer(), world.random).kind, Kind::kNone);
  EXPECT_EQ(shadow.read(2, 2, access(0, 1), world.observer(), world.random).kind, Kind::kUndefined);
  const Conflict end = shadow.read(8, 16, access(0, 1), world.observer(), world.random);
  EXPECT_EQ(end.kind, Kind::kUndefined);
  EXPECT_EQ(end.offset, 16U);
  shadow.undefine(3, 1);
  EXPECT_EQ(shadow.read(3, 1, access(0, 1), world.observer(), world.random).kind, Kind::kUndefined);
  // A write that lands later defines nothing yet.
  shadow.write(32, 16, access(0, 1), world.observer(), false);
  EXPECT_EQ(shadow.read(32, 4, access(0, 1), world.observer(), world.random).kind,
            Kind::kUndefined);
}

TEST(Shadow, AGuardKeepsEverybodyOut) {
  World2 world(0);
  Shadow shadow(16, {});
  shadow.guard(8, true);
  EXPECT_EQ(shadow.write(0, 8, access(0, 1), world.observer(), true).kind, Kind::kNone);
  EXPECT_EQ(shadow.write(8, 1, access(0, 1), world.observer(), true).kind, Kind::kBarrier);
  EXPECT_EQ(shadow.read(0, 16, access(0, 1), world.observer(), world.random).kind, Kind::kBarrier);
  shadow.guard(8, false);
  EXPECT_EQ(shadow.write(0, 16, access(0, 1), world.observer(), true).kind, Kind::kNone);
}

TEST(Sites, AreNumbersOfLines) {
  Sites sites;
  const Site first = sites.number({"a.cuh", 7});
  const Site second = sites.number({"b.cuh", 7});
  EXPECT_NE(first, second);
  EXPECT_EQ(sites.text(first), "a.cuh:7");
  EXPECT_EQ(sites.text(second), "b.cuh:7");
}

}  // namespace
}  // namespace windtunnel::device::model
