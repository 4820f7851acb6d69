// The loads that routing gives the members of an expert group, kept from one plan to the next:
// drawing them takes as long as a fifth of a simulation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

#include "simulator/workload/step_plan.h"

namespace windtunnel {

/// Numbers of so many members at most; of fewer the last ones repeat the first.
inline constexpr std::size_t kMostMembers = 4;
using OfMembers = std::array<double, kMostMembers>;

/// Loads of one block in kPage neighbouring micro-batches.
inline constexpr int kPage = 32;
using LoadPage = std::array<OfMembers, kPage>;

/// Pages by what they are drawn from, made when they are first asked for. For several threads.
class LoadShelf {
 public:
  using Page = std::shared_ptr<const LoadPage>;

  /// Of the `block`-th block of a stage, of the micro-batches from `page` * kPage on, where
  /// `members` stand for the group.
  Page of(const StepPlan& plan, int members, int stage, int block, int page);

 private:
  static constexpr std::size_t kMostKept = 32768;

  using Key = std::tuple<double, std::uint64_t, int, int, int, int, int>;
  std::mutex mutex_;
  std::map<Key, Page> known_;
};

/// The loads of one plan's step, as its lowering draws them (training_step.h): of ranks that differ
/// by nothing but that, up to kMostMembers of which stand for a group. For one thread.
class MemberLoads {
 public:
  /// Even loads where `members` is 1.
  MemberLoads(const StepPlan& plan, int members, LoadShelf& shelf);

  int members() const { return members_; }

  /// Of a block of a chunk.
  const OfMembers& of(const Chunk& chunk, std::size_t block);

 private:
  const StepPlan& plan_;
  int members_;
  LoadShelf& shelf_;
  std::size_t blocks_of_stage_ = 0;
  std::size_t pages_of_block_;
  std::vector<LoadShelf::Page> pages_;
};

}  // namespace windtunnel
