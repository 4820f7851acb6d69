#include "simulator/workload/member_loads.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "simulator/base/random.h"
#include "simulator/workload/routing_load.h"

namespace windtunnel {
namespace {

constexpr OfMembers kEven{1, 1, 1, 1};

int numbered(const StepPlan& plan, const Chunk& chunk) {
  return chunk.direction * plan.shape.micro_batches + chunk.micro_batch;
}

LoadPage drawn(const StepPlan& plan, int members, int stage, int block, int page) {
  const std::uint64_t layer =
      (static_cast<std::uint64_t>(stage) << 32) + static_cast<std::uint64_t>(block);
  LoadPage loads{};
  for (int i = 0; i < kPage; ++i) {
    const auto micro_batch = static_cast<std::uint64_t>(page * kPage + i);
    const std::vector<double> own =
        representative_loads(routing_loads(plan.routing, plan.expert_ranks, 0, layer, micro_batch),
                             members, mix(layer, micro_batch));
    OfMembers& place = loads[static_cast<std::size_t>(i)];
    for (std::size_t member = 0; member < kMostMembers; ++member) {
      place[member] = own[member < own.size() ? member : 0];
    }
  }
  return loads;
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
  auto made = std::make_shared<const LoadPage>(drawn(plan, members, stage, block, page));
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMostKept) known_.clear();
  return known_.emplace(key, std::move(made)).first->second;
}

MemberLoads::MemberLoads(const StepPlan& plan, int members, LoadShelf& shelf)
    : plan_(plan),
      members_(members),
      shelf_(shelf),
      pages_of_block_(static_cast<std::size_t>(
          (plan.schedule->directions * plan.shape.micro_batches + kPage - 1) / kPage)) {
  assert(members >= 1 && members <= static_cast<int>(kMostMembers));
  assert(members == 1 || (plan.skew.shares.empty() && plan.skew.apart.empty()));
  for (const auto& stage : plan.stages) {
    blocks_of_stage_ = std::max(blocks_of_stage_, stage.size());
  }
  if (members_ > 1) pages_.resize(plan.stages.size() * blocks_of_stage_ * pages_of_block_);
}

const OfMembers& MemberLoads::of(const Chunk& chunk, std::size_t block) {
  if (members_ == 1) return kEven;
  const auto number = static_cast<std::size_t>(numbered(plan_, chunk));
  const std::size_t page = number / kPage;
  LoadShelf::Page& kept =
      pages_[(static_cast<std::size_t>(chunk.stage) * blocks_of_stage_ + block) * pages_of_block_ +
             page];
  if (!kept) {
    kept = shelf_.of(plan_, members_, chunk.stage, static_cast<int>(block), static_cast<int>(page));
  }
  return (*kept)[number % kPage];
}

}  // namespace windtunnel
