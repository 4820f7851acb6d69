#include "reports/export/chakra_traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

constexpr double kNormBytes = 4;

/// Bytes that one GPU hands to a dispatch of one micro-batch, were all rows as narrow as BF16 ones
/// are: rows to each GPU that has an expert of them, itself included, times the row.
double dispatched_bytes(const Scenario& scenario) {
  for (const Layer& layer : scenario.model.layers) {
    const auto* moe = std::get_if<Moe>(&layer.feed_forward);
    if (moe == nullptr) continue;
    return ranks_per_token(traffic_of(scenario, *moe)) *
           static_cast<double>(own_rows(layer_shape(scenario)));
  }
  return 0;
}

std::string_view name_of(const RowOwner& owner) {
  switch (owner.kind) {
    case OpKind::kSend:
      return owner.phase == Phase::kAttentionForward ? "send activations" : "send gradients";
    case OpKind::kGradient:
      return owner.phase == Phase::kAttentionWeight ? "reduce gradients" : "gather parameters";
    case OpKind::kUpdate:
      return "optimizer";
    default:
      return phase_name(owner.phase);
  }
}

Work work_of(const PricedBlock& block, Phase phase) {
  Work sum{};
  for (const PricedKernel& kernel : block.kernels) {
    if (kernel.op.phase != phase) continue;
    const Work one = work(kernel.op.kernel);
    sum = sum + Work{one.flops * kernel.op.launches, one.bytes * kernel.op.launches};
  }
  return sum;
}

/// A phase's collectives as one, by what a GPU brings to it: an all-gather its share, the others
/// whole tensors. Gathering and scattering in one phase are an all-reduce of as much traffic.
struct OneCollective {
  double gathered = 0;  ///< bytes of whole tensors
  double scattered = 0;
  double shares = 0;

  void add(const KernelShape& shape) {
    const double bytes =
        static_cast<double>(shape.m) * static_cast<double>(shape.n) * element_bytes(shape.dtype);
    const bool ring = shape.operation == Operation::kRingExchange;  // all get all, one by one
    const bool reduce = shape.operation == Operation::kAllReduce;
    const double ranks = static_cast<double>(shape.groups);
    if (shape.operation == Operation::kReduceScatter || reduce) scattered += bytes;
    if (shape.operation == Operation::kAllGather || reduce) gathered += bytes;
    if (shape.operation == Operation::kAllGather) shares += bytes / ranks;
    if (ring) gathered += bytes * ranks;
    if (ring) shares += bytes;
  }
  [[nodiscard]] ChakraCollective kind() const {
    return scattered <= 0  ? ChakraCollective::kAllGather
           : gathered <= 0 ? ChakraCollective::kReduceScatter
                           : ChakraCollective::kAllReduce;
  }
  [[nodiscard]] double bytes() const {
    return scattered <= 0 ? shares : gathered <= 0 ? scattered : (gathered + scattered) / 2;
  }
};

ChakraCollective collective_of(bool reduces, bool all_reduce) {
  return all_reduce ? ChakraCollective::kAllReduce
         : reduces  ? ChakraCollective::kReduceScatter
                    : ChakraCollective::kAllGather;
}

}  // namespace

ChakraTraffic::ChakraTraffic(const TracedStep& traced)
    : traced_(traced),
      shared_(gpus_per_data_rank(traced.scenario)),
      dispatched_(dispatched_bytes(traced.scenario)) {}

int ChakraTraffic::gpu_of(int rank, int member) const { return rank * shared_ + member; }

std::string ChakraTraffic::group_of(const std::vector<int>& gpus) {
  const auto [found, fresh] =
      numbers_.emplace(gpus, kFirstGroup + static_cast<int>(groups_.size()));
  if (fresh) groups_.push_back(gpus);
  return fmt::format("{}", found->second);
}

/// The GPUs of `size` neighbouring data ranks, the rank's own among them, that hold the same share;
/// `mirrored`: and those of the pipeline rank that holds the same stages.
std::vector<int> ChakraTraffic::data_ranks_of(int rank, int member, int size, bool mirrored) const {
  const TrainingStep& step = traced_.simulated.step;
  const int pipeline = rank / step.members;
  const int first = rank % step.members / size * size;
  std::vector<int> gpus;
  const auto add = [&](int of) {
    for (int data = first; data < std::min(first + size, step.members); ++data) {
      gpus.push_back(gpu_of(of * step.members + data, member));
    }
  };
  add(pipeline);
  const int mirror = step.pipeline_ranks - 1 - pipeline;
  if (mirrored && mirror != pipeline) add(mirror);
  std::sort(gpus.begin(), gpus.end());
  return gpus;
}

/// The GPUs that hold the same shard of the parameters in each group of `size` data ranks.
std::vector<int> ChakraTraffic::replicas_of(int rank, int member, int size) const {
  const int members = traced_.simulated.step.members;
  const int pipeline = rank / members;
  std::set<int> holders{pipeline};
  if (traced_.plan.schedule->parameter_copies == 2) {
    holders.insert(traced_.simulated.step.pipeline_ranks - 1 - pipeline);
  }
  std::vector<int> gpus;
  for (const int of : holders) {
    for (int data = rank % members % size; data < members; data += size) {
      gpus.push_back(gpu_of(of * members + data, member));
    }
  }
  return gpus;
}

std::vector<int> ChakraTraffic::lock_step(int rank, int member, bool context) const {
  const Degrees& degrees = traced_.scenario.parallelism;
  std::vector<int> gpus;
  for (int other = 0; other < shared_; ++other) {
    const bool same = context ? other % degrees.tensor == member % degrees.tensor
                              : other / degrees.tensor == member / degrees.tensor;
    if (same) gpus.push_back(gpu_of(rank, other));
  }
  return gpus;
}

const PricedBlock* ChakraTraffic::block_of(const RowOwner& owner) const {
  if (owner.slot == kNoSlot || owner.position == kNoBlock) return nullptr;
  const TrainingStep& step = traced_.simulated.step;
  const auto rank = static_cast<std::size_t>(owner.pipeline_rank);
  const Slot& slot = step.slots[rank][static_cast<std::size_t>(owner.slot)];
  const bool forward = owner.phase < Phase::kCombineBackward;
  const Chunk& chunk = forward ? slot.forward : slot.backward;
  const auto& blocks = traced_.priced.stages[static_cast<std::size_t>(chunk.stage)];
  return &traced_.priced.blocks[static_cast<std::size_t>(blocks[owner.position])];
}

void ChakraTraffic::set_collective(ChakraNode& node, const RowOwner& owner, int rank, int member) {
  const Scenario& scenario = traced_.scenario;
  const int members = traced_.simulated.step.members;
  const PricedBlock* block = block_of(owner);
  const bool reduces = owner.phase == Phase::kAttentionWeight;
  node.type = ChakraType::kCollective;
  if (owner.kind == OpKind::kDispatch || owner.kind == OpKind::kCombine) {
    const bool outward =
        owner.phase == Phase::kDispatchForward || owner.phase == Phase::kCombineBackward;
    const auto hidden = static_cast<int>(scenario.model.hidden);
    const bool narrow = outward && scenario.precision == Dtype::kFp8;
    node.collective = ChakraCollective::kAllToAll;
    node.bytes = dispatched_ * (narrow ? fp8_row(hidden) : bf16_row(hidden)).value;
    node.group = group_of(data_ranks_of(rank, member, traced_.plan.expert_ranks, false));
  } else if (owner.kind == OpKind::kGradient) {
    const PricedUpdate& update = traced_.priced.update[static_cast<std::size_t>(rank / members)];
    node.collective = collective_of(reduces, update.all_reduce);
    node.bytes = (reduces ? update.reduce_tensor : update.gather_tensor).value;
    const bool mirrored = traced_.plan.schedule->parameter_copies == 2;
    const int zero = scenario.parallelism.zero_stage;
    const bool of_shards = zero >= 3 || (zero == 2 && reduces);
    node.group = group_of(
        of_shards ? replicas_of(rank, member, scenario.parallelism.shard_group.value_or(members))
                  : data_ranks_of(rank, member, members, mirrored));
  } else if (owner.kind == OpKind::kShard) {
    node.collective = collective_of(reduces, false);
    if (block != nullptr && block->shard) {
      node.bytes = (reduces ? block->shard->reduce_tensor : block->shard->gather_tensor).value;
    }
    node.group = group_of(data_ranks_of(rank, member, traced_.plan.shard_ranks, false));
  } else {
    const bool context = owner.kind == OpKind::kContext;
    OneCollective sum;
    for (const PricedCollective& one :
         block == nullptr ? std::vector<PricedCollective>() : block->collectives) {
      if (one.op.op.phase == owner.phase && one.context == context) sum.add(one.op.op.kernel);
    }
    node.collective = sum.kind();
    node.bytes = sum.bytes();
    node.group = group_of(lock_step(rank, member, context));
  }
}

ChakraNode ChakraTraffic::node_of(OpId op, int rank, int member) {
  const RowOwner& owner = owner_of(traced_.simulated.step, op);
  const Scenario& scenario = traced_.scenario;
  ChakraNode node{.id = static_cast<std::uint64_t>(op),
                  .name = name_of(owner),
                  .type = ChakraType::kCompute,
                  .after = {},
                  .inputs = {},
                  .start_us = 0,
                  .duration_us = 0,
                  .duration_ns = 0,
                  .flops = 0,
                  .bytes = 0,
                  .from = gpu_of(rank, member),
                  .to = gpu_of(rank, member),
                  .tag = static_cast<std::int32_t>(op),
                  .collective = ChakraCollective::kAllReduce,
                  .group = {}};
  const bool norm = op_at(traced_.simulated.step.graph, op).group != kNone;
  if (owner.kind == OpKind::kSend) {
    node.type = ChakraType::kSend;
    node.bytes = 2.0 * static_cast<double>(own_rows(layer_shape(scenario))) *
                 static_cast<double>(scenario.model.hidden);
  } else if (owner.kind == OpKind::kUpdate && norm) {
    std::vector<int> all(static_cast<std::size_t>(gpu_count(scenario.cluster)));
    std::iota(all.begin(), all.end(), 0);
    node.type = ChakraType::kCollective;
    node.name = "gradient norm";
    node.bytes = kNormBytes;
    node.group = group_of(all);
  } else if (owner.kind != OpKind::kCompute && owner.kind != OpKind::kUpdate &&
             owner.kind != OpKind::kHost) {
    set_collective(node, owner, rank, member);
  } else if (const PricedBlock* block = block_of(owner); block != nullptr) {
    const Work sum = work_of(*block, owner.phase);
    node.flops = sum.flops.value;
    node.bytes = sum.bytes.value;
  }
  return node;
}

}  // namespace windtunnel
