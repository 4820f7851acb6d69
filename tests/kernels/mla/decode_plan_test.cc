#include "kernels/mla/decode_plan.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>

namespace windtunnel {
namespace {

std::vector<std::int32_t> equal(int requests, std::int32_t tokens) {
  return std::vector<std::int32_t>(static_cast<std::size_t>(requests), tokens);
}

TEST(DecodePlan, BatchesOfTheModelsHaveThesePlans) {
  struct Shown {
    int requests, tokens, queries, heads, sms;
    const char* plan;
  };
  const Shown all[] = {
      {128, 4096, 1, 128, 132,
       "2 tiles, 64 parts of at most 136 pages, 128 pieces, 0 of 128 requests from 0 slots"},
      {64, 4096, 2, 128, 132,
       "4 tiles, 32 parts of at most 136 pages, 64 pieces, 0 of 64 requests from 0 slots"},
      {1, 4096, 1, 128, 132,
       "2 tiles, 64 parts of at most 4 pages, 64 pieces, 1 of 1 requests from 64 slots"},
      {128, 4096, 1, 16, 132,
       "1 tiles, 128 parts of at most 67 pages, 128 pieces, 0 of 128 requests from 0 slots"},
      {64, 8192, 1, 128, 108,
       "2 tiles, 54 parts of at most 159 pages, 117 pieces, 53 of 64 requests from 106 slots"},
  };
  for (const Shown& it : all) {
    const auto lengths = equal(it.requests, it.tokens);
    EXPECT_EQ(text(plan_decode({lengths, it.queries, it.heads}, it.sms)), it.plan);
  }
}

TEST(DecodePlan, NothingToDoIsNoPart) {
  const DecodePlan plan = plan_decode({{}, 1, 128}, 132);
  EXPECT_EQ(plan.parts, 0);
  EXPECT_EQ(plan.begins, std::vector<std::int32_t>{0});
}

TEST(DecodePlan, ARequestWithoutTokensIsAPieceWithoutPages) {
  const std::vector<std::int32_t> lengths = {0, 65, 0};
  const DecodePlan plan = plan_decode({lengths, 1, 64}, 1);
  EXPECT_EQ(plan.pieces, (std::vector<DecodePiece>{{0, 0, 0, -1}, {1, 0, 2, -1}, {2, 0, 0, -1}}));
}

TEST(DecodePlan, MoreTilesThanSmsAreOnePart) {
  const auto lengths = equal(3, 100);
  const DecodePlan plan = plan_decode({lengths, 2, 128}, 2);
  EXPECT_EQ(plan.tiles, 4);
  EXPECT_EQ(plan.parts, 1);
  EXPECT_TRUE(plan.merges.empty());
}

TEST(DecodePlan, AShareIsKeptWhateverItTakes) {
  const std::vector<std::int32_t> lengths = {130, 10};
  const DecodePlan plan = plan_decode_share({lengths, 1, 128}, kPieceCost + 2);
  EXPECT_EQ(plan.begins, (std::vector<std::int32_t>{0, 1, 2, 3}));
  EXPECT_EQ(plan.pieces, (std::vector<DecodePiece>{{0, 0, 2, 0}, {0, 2, 1, 1}, {1, 0, 1, -1}}));
  EXPECT_EQ(plan.merges, (std::vector<DecodeMerge>{{0, 0, 2}}));
}

struct Batch {
  std::vector<std::int32_t> lengths;
  int queries;
  int heads;
  int sms;
};

Batch any_batch() {
  const auto length = rc::gen::oneOf(rc::gen::inRange(0, 200), rc::gen::inRange(0, 40000));
  return {*rc::gen::container<std::vector<std::int32_t>>(length), *rc::gen::inRange(1, 3),
          *rc::gen::element(16, 32, 64, 128), *rc::gen::inRange(1, 200)};
}

int cost_of(const DecodePlan& plan, std::size_t part) {
  int cost = 0;
  for (auto i = plan.begins[part]; i < plan.begins[part + 1]; ++i) {
    cost += kPieceCost + plan.pieces[static_cast<std::size_t>(i)].pages;
  }
  return cost;
}

RC_GTEST_PROP(DecodePlan, EveryPageOfEveryRequestIsInOnePieceInOrder, ()) {
  const Batch batch = any_batch();
  const DecodePlan plan = plan_decode({batch.lengths, batch.queries, batch.heads}, batch.sms);
  std::size_t at = 0;
  for (std::size_t request = 0; request < batch.lengths.size(); ++request) {
    const int pages = (batch.lengths[request] + 63) / 64;
    int next = 0;
    do {
      RC_ASSERT(at < plan.pieces.size());
      RC_ASSERT(plan.pieces[at].request == static_cast<int>(request));
      RC_ASSERT(plan.pieces[at].first_page == next);
      RC_ASSERT(plan.pieces[at].pages > 0 || pages == 0);
      next += plan.pieces[at++].pages;
    } while (next < pages);
    RC_ASSERT(next == pages);
  }
  RC_ASSERT(at == plan.pieces.size());
}

RC_GTEST_PROP(DecodePlan, NoPartCostsMoreThanTheMeanAndAPieceOrTwo, ()) {
  const Batch batch = any_batch();
  const DecodePlan plan = plan_decode({batch.lengths, batch.queries, batch.heads}, batch.sms);
  const int most = std::max(1, batch.sms / plan.tiles);
  RC_ASSERT(plan.parts <= most);
  RC_ASSERT(plan.begins.front() == 0);
  RC_ASSERT(plan.begins.back() == static_cast<int>(plan.pieces.size()));
  int total = 0;
  for (const std::int32_t tokens : batch.lengths) total += kPieceCost + (tokens + 63) / 64;
  for (std::size_t part = 0; part < static_cast<std::size_t>(plan.parts); ++part) {
    RC_ASSERT(plan.begins[part] < plan.begins[part + 1]);
    RC_ASSERT(cost_of(plan, part) <= plan.share);
  }
  const int extra = plan.slots > 0 ? kPieceCost : 2 * kPieceCost;
  RC_ASSERT(batch.lengths.empty() || plan.share <= (total + most - 1) / most + extra);
}

RC_GTEST_PROP(DecodePlan, SlotsAreOfRequestsThatAreCutAndMergedOnce, ()) {
  const Batch batch = any_batch();
  const DecodePlan plan = plan_decode({batch.lengths, batch.queries, batch.heads}, batch.sms);
  std::vector<int> of_request(batch.lengths.size());
  for (const DecodePiece& it : plan.pieces) ++of_request[static_cast<std::size_t>(it.request)];
  int slots = 0;
  for (const DecodePiece& it : plan.pieces) {
    const bool alone = of_request[static_cast<std::size_t>(it.request)] == 1;
    RC_ASSERT(it.slot == (alone ? -1 : slots++));
  }
  RC_ASSERT(slots == plan.slots);
  slots = 0;
  for (const DecodeMerge& it : plan.merges) {
    RC_ASSERT(it.slots == of_request[static_cast<std::size_t>(it.request)]);
    RC_ASSERT(it.first_slot == slots);
    slots += it.slots;
  }
  RC_ASSERT(slots == plan.slots);
}

}  // namespace
}  // namespace windtunnel
