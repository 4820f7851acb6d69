// What an agent knows of the others: vector clocks, made cheap enough for many CTAs.
//
// The agents of one CTA share a *block* of epochs. A block never changes once it is shared: threads
// that met at a barrier hold the same one, so joining them again is comparing two pointers, and
// only a meeting costs a pass over a block. A thread's own newest epochs stay outside its block.
// What is known of other CTAs is a table of their blocks, null where nothing is; it is shared
// likewise.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace windtunnel::device::model {

/// How far an agent has come: 0 is "nothing", and an access of epoch e is known from e on.
using Epoch = std::uint32_t;

/// Epochs of one CTA's agents, by their number; beyond `size` they are 0.
struct Block {
  std::uint32_t references = 0;
  std::uint32_t size = 0;
  class BlockPool* pool = nullptr;
  Epoch* epochs = nullptr;
};

/// Shares a block; the last reference gives it back to its pool.
class BlockRef {
 public:
  BlockRef() = default;
  explicit BlockRef(Block* block) : block_{block} { retain(); }
  BlockRef(const BlockRef& other) : block_{other.block_} { retain(); }
  BlockRef(BlockRef&& other) noexcept : block_{std::exchange(other.block_, nullptr)} {}
  BlockRef& operator=(BlockRef other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~BlockRef() {
    if (block_ != nullptr && --block_->references == 0) give_back();
  }

  explicit operator bool() const { return block_ != nullptr; }
  Block* get() const { return block_; }
  Epoch at(std::uint32_t agent) const {
    return block_ != nullptr && agent < block_->size ? block_->epochs[agent] : 0;
  }
  friend bool operator==(const BlockRef& a, const BlockRef& b) { return a.block_ == b.block_; }

 private:
  void retain() {
    if (block_ != nullptr) ++block_->references;
  }
  void give_back();

  Block* block_ = nullptr;
};

/// Blocks of one launch, all with room for the same number of agents.
class BlockPool {
 public:
  explicit BlockPool(std::uint32_t agents);
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  /// A block that only the caller holds, equal to `other` (or all 0 for null).
  BlockRef copy(const BlockRef& other);
  /// The later epoch of every agent. Gives one of the two back where it knows all that the other
  /// does, and remembers recent answers: whole warps ask the same question.
  BlockRef join(const BlockRef& a, const BlockRef& b);
  /// Joins `other` into `target`, which only the caller holds.
  static void join_into(Block& target, const BlockRef& other);
  /// Sets an epoch of a block that only the caller holds, if it is later.
  static void raise(Block& target, std::uint32_t agent, Epoch epoch);

 private:
  friend class BlockRef;
  struct Answer {
    BlockRef a, b, joined;
  };

  std::uint32_t agents_;
  std::vector<std::unique_ptr<Epoch[]>> memory_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<Block*> free_;
  // Last, so that it goes first: it holds blocks.
  std::vector<Answer> answers_;
  std::uint32_t next_answer_ = 0;
};

/// Blocks of all CTAs of a launch.
using World = std::vector<BlockRef>;
using WorldRef = std::shared_ptr<const World>;

/// One clock: the block of a CTA, and what that CTA's agent knows of the other CTAs.
struct Clock {
  BlockRef own;
  WorldRef world;

  /// The epoch of an agent as known here, to an agent of `cta`.
  Epoch of(std::uint32_t cta, std::uint32_t other_cta, std::uint32_t agent) const {
    if (cta == other_cta) return own.at(agent);
    return world == nullptr ? 0 : (*world)[other_cta].at(agent);
  }
};

/// The two clocks of an agent: what it has seen, and how much of that the async proxy may see.
struct Knowledge {
  Clock seen;
  Clock async;
};

/// Joins `from`, a clock of CTA `from_cta`, into `to`, a clock of CTA `to_cta` of `ctas`.
void join(BlockPool& pool, Clock& to, std::uint32_t to_cta, const Clock& from,
          std::uint32_t from_cta, std::uint32_t ctas);

}  // namespace windtunnel::device::model
