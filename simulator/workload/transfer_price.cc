#include "simulator/workload/transfer_price.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "simulator/hardware/all_to_all_price.h"
#include "simulator/hardware/shape_price.h"
#include "simulator/workload/link_price.h"
#include "simulator/workload/overlap_price.h"

namespace windtunnel {
namespace {

/// The transfer that DeepSeek's profile shows and DeepEP's authors measured alone: what beside
/// compute costs is the ratio of the two.
constexpr AllToAllShape kProfiled{.expert_ranks = 64,
                                  .ranks_per_node = 8,
                                  .tokens = 4096,
                                  .hidden = 7168,
                                  .top_k = 8,
                                  .experts = 256,
                                  .sms = 20};

bool is_transfer(Operation operation) {
  return operation == Operation::kDispatch || operation == Operation::kCachedDispatch ||
         operation == Operation::kCombine;
}

const Gpu& profiled_gpu(const PriceBook& book) {
  const Gpu* gpu = find_gpu(book.tables.gpus, "h800");
  if (gpu == nullptr) throw std::invalid_argument("no file of GPU h800, which the profile is of");
  return *gpu;
}

Price alone_of(const AllToAllPrice& both, Operation operation) {
  return operation == Operation::kCombine ? both.combine : both.dispatch;
}

/// The kernel at the profile's shape.
KernelShape profiled(KernelShape kernel) {
  kernel.m = kProfiled.tokens;
  kernel.n = kProfiled.hidden;
  if (kernel.operation == Operation::kDispatchCast) return kernel;
  kernel.k = kProfiled.top_k;
  kernel.groups = kProfiled.expert_ranks;
  if (kernel.operation == Operation::kDispatch || kernel.operation == Operation::kCachedDispatch) {
    kernel.dtype = Dtype::kFp8;
  }
  return kernel;
}

/// How much longer the transfer takes beside compute than alone, by the profile.
double slow_down(const PriceBook& book, const KernelShape& kernel) {
  const Gpu& gpu = profiled_gpu(book);
  const std::optional<Price> beside = traced_communication_price(book.step, gpu, profiled(kernel));
  if (!beside) throw std::invalid_argument("the profile lacks a transfer");
  return beside->time /
         alone_of(all_to_all_price(book.tables, gpu, kProfiled), kernel.operation).time;
}

/// As the user's own profile has it, beside whatever ran there.
std::optional<Price> own_transfer(const PriceBook& book, const Gpu& gpu,
                                  const KernelShape& kernel) {
  return book.own ? traced_communication_price(*book.own, gpu, kernel) : std::nullopt;
}

/// BF16 rows are twice as long as the FP8 ones that the tables dispatch.
Price widened(Price price, const KernelShape& kernel) {
  if (kernel.operation == Operation::kCombine || kernel.dtype == Dtype::kFp8) return price;
  const double ratio = 2.0 / (1 + 4.0 / 128);
  return moved(price, ratio, Basis::kEstimated, "BF16 rows by their bytes");
}

/// Between nodes, GPUs of the profiled chip transfer as it does: the NIC binds, and other tables
/// differ by their software. Inside a node, and for other chips, their own tables answer.
SettingPrices transfer_kernel(const PriceBook& book, const Scenario& scenario, const Moe& moe,
                              const KernelShape& kernel) {
  const Gpu& own = scenario.cluster.gpu;
  if (const auto recorded = own_transfer(book, own, kernel)) {
    return {.paired = *recorded, .alone = *recorded};
  }
  const Gpu& profile = profiled_gpu(book);
  const bool between = scenario.parallelism.expert > kMeasuredNode;
  const bool carried = between && same_chip(own, profile);
  const Gpu& gpu = carried ? profile : own;
  const AllToAllShape shape{.expert_ranks = scenario.parallelism.expert,
                            .ranks_per_node = kMeasuredNode,
                            .tokens = kernel.m,
                            .hidden = kernel.n,
                            .top_k = static_cast<int>(moe.top_k),
                            .experts = static_cast<int>(moe.routed_experts),
                            .sms = scenario.communication.sms};
  if (!same_chip(own, profile) && !find_source(book.tables, "deepep_normal", own)) {
    const Price price = unmeasured_transfer(scenario, moe, kernel);
    return {.paired = beside_compute(book, scenario, kernel, price).value_or(price),
            .alone = price};
  }
  const double ratio = topology_ratio(scenario, moe, kernel, gpu);
  const auto here = [&](const Price& price) {
    Price there = moved(price, ratio, Basis::kScaled, "moved by the hop that binds");
    if (gpu.id == own.id || there.provenance.basis != Basis::kMeasured) return there;
    there.provenance = Provenance(Basis::kScaled, there.provenance.source + "; the same chip",
                                  there.provenance.outside_range);
    return there;
  };
  const Price alone =
      here(widened(alone_of(all_to_all_price(book.tables, gpu, shape), kernel.operation), kernel));
  if (const auto traced =
          carried ? traced_communication_price(book.step, profile, kernel) : std::nullopt) {
    return {.paired = here(*traced), .alone = alone};
  }
  if (const auto beside = beside_compute(book, scenario, kernel, alone)) {
    return {.paired = *beside, .alone = alone};
  }
  const double slower = slow_down(book, kernel);
  return {.paired = moved(
              alone, slower, Basis::kEstimated,
              fmt::format("{:.2f} times longer beside compute, as in DeepSeek's profile", slower)),
          .alone = alone};
}

/// Casts and layout kernels of the communication stream: alone like their compute siblings, beside
/// compute as traced, at other shapes slowed as much as the traced one.
SettingPrices helper_kernel(const PriceBook& book, const Scenario& scenario,
                            const KernelShape& kernel) {
  const auto sibling = [](KernelShape shape) -> KernelShape {
    if (shape.operation == Operation::kDispatchCast) {
      shape.operation = Operation::kCast;
      return shape;
    }
    return {.operation = Operation::kExpertCount,
            .dtype = Dtype::kFp32,
            .m = shape.m * std::max<std::int64_t>(1, shape.k),
            .n = 0,
            .k = 0,
            .groups = 1};
  };
  const Gpu& own = scenario.cluster.gpu;
  const int sms = scenario.assumptions.sms_alone.value;
  const Price alone = step_price(book.step, own, sibling(kernel), sms);
  if (const auto traced = traced_communication_price(book.step, own, kernel)) {
    return {.paired = *traced, .alone = alone};
  }
  const Gpu& profile = profiled_gpu(book);
  const auto traced = traced_communication_price(book.step, profile, profiled(kernel));
  if (!traced) return {.paired = alone, .alone = alone};
  const double slower =
      traced->time / step_price(book.step, profile, sibling(profiled(kernel)), profile.sms).time;
  return {.paired = moved(alone, std::max(1.0, slower), Basis::kEstimated,
                          fmt::format("{:.2f} times longer beside compute", slower)),
          .alone = alone};
}

/// A barrier without its waiting: between nodes as the profile's files have it, else its messages'
/// way out and back.
Price barrier_price(const PriceBook& book, const Scenario& scenario, const KernelShape& kernel) {
  const bool between = scenario.parallelism.expert > scenario.cluster.gpus_per_node;
  const Gpu& profile = profiled_gpu(book);
  if (between && same_chip(scenario.cluster.gpu, profile)) {
    if (const auto traced = traced_communication_price(book.step, profile, profiled(kernel))) {
      return *traced;
    }
  }
  const Degrees& degrees = scenario.parallelism;
  const Cluster cluster = spanned_by(scenario.cluster, degrees.expert * degrees.expert_tensor);
  const Link& link = between ? cluster.scale_out : cluster.scale_up;
  return {.time = link.latency * 2,
          .low = link.latency,
          .high = link.latency * 4,
          .provenance = Provenance(Basis::kEstimated, "two link latencies: " + link.source, false)};
}

}  // namespace

SettingPrices transfer_prices(const PriceBook& book, const Scenario& scenario, const Moe& moe,
                              const std::vector<LayerOp>& ops) {
  std::vector<Price> paired;
  std::vector<Price> alone;
  for (const LayerOp& op : ops) {
    SettingPrices one = op.kernel.operation == Operation::kNotify
                            ? SettingPrices{barrier_price(book, scenario, op.kernel),
                                            barrier_price(book, scenario, op.kernel)}
                        : is_transfer(op.kernel.operation)
                            ? transfer_kernel(book, scenario, moe, op.kernel)
                            : helper_kernel(book, scenario, op.kernel);
    paired.push_back(times(std::move(one.paired), op.launches));
    alone.push_back(times(std::move(one.alone), op.launches));
  }
  return {.paired = sum(paired), .alone = sum(alone)};
}

}  // namespace windtunnel
