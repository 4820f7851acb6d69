#include "kernels/device/model/clock.h"

#include <algorithm>
#include <cstring>

namespace windtunnel::device::model {

namespace {

constexpr std::uint32_t kAnswers = 32;

/// Which of two blocks knows all that the other knows.
struct Order {
  bool a_knows_b = true;
  bool b_knows_a = true;
};

Order compare(const Block& a, const Block& b) {
  const std::uint32_t both = std::min(a.size, b.size);
  Epoch a_behind = 0;
  Epoch b_behind = 0;
  for (std::uint32_t i = 0; i < both; ++i) {
    a_behind |= a.epochs[i] < b.epochs[i] ? 1U : 0U;
    b_behind |= b.epochs[i] < a.epochs[i] ? 1U : 0U;
  }
  for (std::uint32_t i = both; i < a.size; ++i) b_behind |= a.epochs[i];
  for (std::uint32_t i = both; i < b.size; ++i) a_behind |= b.epochs[i];
  return {a_behind == 0, b_behind == 0};
}

/// The table of `to` with `block` joined into its row `cta`.
void join_row(BlockPool& pool, World& to, std::uint32_t cta, const BlockRef& block) {
  to[cta] = pool.join(to[cta], block);
}

}  // namespace

void BlockRef::give_back() { block_->pool->free_.push_back(block_); }

BlockPool::BlockPool(std::uint32_t agents) : agents_{agents}, answers_(kAnswers) {}

BlockRef BlockPool::copy(const BlockRef& other) {
  if (free_.empty()) {
    memory_.push_back(std::make_unique<Epoch[]>(agents_));
    blocks_.push_back(std::make_unique<Block>());
    blocks_.back()->pool = this;
    blocks_.back()->epochs = memory_.back().get();
    free_.push_back(blocks_.back().get());
  }
  Block* block = free_.back();
  free_.pop_back();
  block->size = other ? other.get()->size : 0;
  if (other) std::memcpy(block->epochs, other.get()->epochs, block->size * sizeof(Epoch));
  return BlockRef(block);
}

void BlockPool::join_into(Block& target, const BlockRef& other) {
  if (!other) return;
  const Block& from = *other.get();
  if (from.size > target.size) {
    std::memset(target.epochs + target.size, 0, (from.size - target.size) * sizeof(Epoch));
    target.size = from.size;
  }
  for (std::uint32_t i = 0; i < from.size; ++i) {
    target.epochs[i] = std::max(target.epochs[i], from.epochs[i]);
  }
}

void BlockPool::raise(Block& target, std::uint32_t agent, Epoch epoch) {
  if (epoch == 0) return;
  if (agent >= target.size) {
    std::memset(target.epochs + target.size, 0, (agent + 1 - target.size) * sizeof(Epoch));
    target.size = agent + 1;
  }
  target.epochs[agent] = std::max(target.epochs[agent], epoch);
}

BlockRef BlockPool::join(const BlockRef& a, const BlockRef& b) {
  if (a == b || !b) return a;
  if (!a) return b;
  for (const Answer& it : answers_) {
    if (it.a == a && it.b == b) return it.joined;
  }
  const Order order = compare(*a.get(), *b.get());
  Answer& answer = answers_[next_answer_++ % kAnswers];
  answer.a = a;
  answer.b = b;
  if (order.a_knows_b) {
    answer.joined = a;
  } else if (order.b_knows_a) {
    answer.joined = b;
  } else {
    answer.joined = copy(a);
    join_into(*answer.joined.get(), b);
  }
  return answer.joined;
}

void join(BlockPool& pool, Clock& to, std::uint32_t to_cta, const Clock& from,
          std::uint32_t from_cta, std::uint32_t ctas) {
  if (to_cta == from_cta) {
    to.own = pool.join(to.own, from.own);
    if (from.world == nullptr || from.world == to.world) return;
    if (to.world == nullptr) {
      to.world = from.world;
      return;
    }
  } else if (from.world != nullptr) {
    to.own = pool.join(to.own, (*from.world)[to_cta]);
  }
  auto world =
      to.world == nullptr ? std::make_shared<World>(ctas) : std::make_shared<World>(*to.world);
  for (std::uint32_t cta = 0; from.world != nullptr && cta < ctas; ++cta) {
    if (cta != to_cta) join_row(pool, *world, cta, (*from.world)[cta]);
  }
  if (to_cta != from_cta) join_row(pool, *world, from_cta, from.own);
  to.world = std::move(world);
}

}  // namespace windtunnel::device::model
