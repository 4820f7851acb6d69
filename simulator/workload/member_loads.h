// The loads that routing gives the members of an expert group in every block of every micro-batch:
// a chunk's forward, backward and weight gradient see the same rows. A search keeps them from one
// plan to the next, since drawing them takes up to a third of a simulation's time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <tuple>
#include <vector>

#include "simulator/workload/step_plan.h"

namespace windtunnel {

/// Numbers of so many members at most stand for a group; of fewer the last ones repeat the first.
inline constexpr std::size_t kMostMembers = 4;
using OfMembers = std::array<double, kMostMembers>;

/// Loads of one block in kPage neighbouring micro-batches, side by side those of the members.
inline constexpr std::size_t kPage = 32;
using LoadPage = std::vector<double>;

/// Pages by what they are drawn from, made when they are first asked for. For several threads.
class LoadShelf {
 public:
  using Page = std::shared_ptr<const LoadPage>;

  /// Of the `block`-th block of a stage, of the micro-batches from `page` * kPage on, where
  /// `members` (kMostMembers at most) stand for the group.
  Page of(const StepPlan& plan, int members, int stage, int block, int page);

 private:
  static constexpr std::size_t kMostKept = 32768;

  using Key = std::tuple<double, std::uint64_t, int, int, int, int, int>;
  std::mutex mutex_;
  std::map<Key, Page> known_;
};

/// The loads of one plan's step, drawn when they are first asked for: of an expert group's ranks as
/// up to kMostMembers members that stand for them (and the ranks shown apart), or of every rank.
/// For one thread.
class MemberLoads {
 public:
  /// `shelf`: where plans whose ranks differ by nothing but their draws find what others have
  /// drawn.
  MemberLoads(const StepPlan& plan, int members, LoadShelf* shelf = nullptr);

  int members() const { return members_; }

  /// Whether all loads are 1.
  bool even() const { return even_; }

  /// Of a block of a chunk: one a member, and kMostMembers at least.
  std::span<const double> of(const Chunk& chunk, std::size_t block);

 private:
  LoadShelf::Page made(int stage, std::size_t block, std::size_t page) const;

  const StepPlan& plan_;
  int members_;
  LoadShelf* shelf_;
  bool even_;
  std::size_t blocks_of_stage_ = 0;  ///< the most
  std::size_t pages_of_block_;
  std::vector<LoadShelf::Page> pages_;
};

}  // namespace windtunnel
