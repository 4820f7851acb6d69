#include "simulator/workload/member_loads.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "simulator/base/random.h"
#include "simulator/workload/rank_graph.h"
#include "simulator/workload/routing_load.h"

namespace windtunnel {
namespace {

constexpr OfMembers kEven{1, 1, 1, 1};

std::size_t width_of(int members) {
  return std::max(kMostMembers, static_cast<std::size_t>(members));
}

std::size_t chunks_of_stage(const StepPlan& plan) {
  return static_cast<std::size_t>(plan.schedule->directions) *
         static_cast<std::size_t>(plan.shape.micro_batches);
}

/// How many routed blocks stand before the `block`-th of a stage, in the model's order.
std::size_t routed_before(const StepPlan& plan, int stage, std::size_t block) {
  std::size_t count = 0;
  for (std::size_t s = 0; s <= static_cast<std::size_t>(stage); ++s) {
    const std::vector<int>& blocks = plan.stages[s];
    const bool last = s == static_cast<std::size_t>(stage);
    for (std::size_t b = 0; b < (last ? block : blocks.size()); ++b) {
      if (plan.blocks[static_cast<std::size_t>(blocks[b])].routed) ++count;
    }
  }
  return count;
}

/// The loads of one group as those of its members: all, or quantiles and the ranks shown apart.
std::vector<double> shown(const StepPlan& plan, std::vector<double> group, int members,
                          std::uint64_t turn) {
  if (static_cast<std::size_t>(members) >= group.size()) return group;
  std::vector<double> apart;
  for (const int rank : plan.skew.apart) {
    apart.push_back(group[static_cast<std::size_t>(rank % plan.expert_ranks)]);
  }
  group = representative_loads(std::move(group), alike_members(plan, members), turn);
  group.insert(group.end(), apart.begin(), apart.end());
  return group;
}

/// Of `count` micro-batches from `first` on.
LoadPage drawn(const StepPlan& plan, int members, int stage, std::size_t block, std::size_t first,
               std::size_t count) {
  const std::uint64_t layer = (static_cast<std::uint64_t>(stage) << 32) + block;
  const auto ranks = static_cast<std::size_t>(plan.expert_ranks);
  const auto all = static_cast<std::size_t>(members);
  std::span<const double> shares;
  if (!plan.skew.shares.empty()) shares = plan.skew.shares.at(routed_before(plan, stage, block));
  LoadPage page;
  page.reserve(count * width_of(members));
  for (std::uint64_t number = first; number < first + count; ++number) {
    const std::size_t begin = page.size();
    for (std::size_t member = 0; member < all; member += ranks) {
      const std::vector<double> group = shown(
          plan,
          routing_loads(plan.routing, plan.expert_ranks, member / ranks, layer, number, shares),
          members, mix(layer, number));
      page.insert(page.end(), group.begin(), group.end());
    }
    page.resize(begin + width_of(members), page[begin]);
  }
  return page;
}

}  // namespace

LoadShelf::Page LoadShelf::of(const StepPlan& plan, int members, int stage, int block, int page) {
  const Key key{
      plan.routing.deviation, plan.routing.seed, plan.expert_ranks, members, stage, block, page};
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(key);
    if (found != known_.end()) return found->second;
  }
  auto made =
      std::make_shared<const LoadPage>(drawn(plan, members, stage, static_cast<std::size_t>(block),
                                             static_cast<std::size_t>(page) * kPage, kPage));
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMostKept) known_.clear();
  return known_.emplace(key, std::move(made)).first->second;
}

MemberLoads::MemberLoads(const StepPlan& plan, int members, LoadShelf* shelf)
    : plan_(plan),
      members_(members),
      shelf_(shelf),
      even_(members == 1 || (plan.routing.deviation <= 0 && plan.skew.shares.empty())),
      pages_of_block_((chunks_of_stage(plan) + kPage - 1) / kPage) {
  assert(members >= 1);
  const bool alike = plan.skew.shares.empty() && plan.skew.apart.empty();
  if (!alike || static_cast<std::size_t>(members) > kMostMembers) shelf_ = nullptr;
  for (const auto& stage : plan.stages) {
    blocks_of_stage_ = std::max(blocks_of_stage_, stage.size());
  }
  if (!even_) pages_.resize(plan.stages.size() * blocks_of_stage_ * pages_of_block_);
}

LoadShelf::Page MemberLoads::made(int stage, std::size_t block, std::size_t page) const {
  if (shelf_ != nullptr) {
    return shelf_->of(plan_, members_, stage, static_cast<int>(block), static_cast<int>(page));
  }
  const std::size_t first = page * kPage;
  const std::size_t count = std::min(kPage, chunks_of_stage(plan_) - first);
  return std::make_shared<const LoadPage>(drawn(plan_, members_, stage, block, first, count));
}

std::span<const double> MemberLoads::of(const Chunk& chunk, std::size_t block) {
  if (even_) {
    assert(members_ <= static_cast<int>(kMostMembers));
    return kEven;
  }
  const auto number =
      static_cast<std::size_t>(chunk.direction * plan_.shape.micro_batches + chunk.micro_batch);
  const std::size_t page = number / kPage;
  const auto stage = static_cast<std::size_t>(chunk.stage);
  LoadShelf::Page& kept = pages_[(stage * blocks_of_stage_ + block) * pages_of_block_ + page];
  if (!kept) kept = made(chunk.stage, block, page);
  const std::size_t width = width_of(members_);
  return std::span(*kept).subspan(number % kPage * width, width);
}

}  // namespace windtunnel
