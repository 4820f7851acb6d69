#include "simulator/workload/kernel_price.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "simulator/hardware/all_to_all_price.h"
#include "simulator/hardware/gemm_price.h"

namespace windtunnel {
namespace {

Price scaled(Price price, double factor) {
  price.time = price.time * factor;
  price.low = price.low * factor;
  price.high = price.high * factor;
  return price;
}

Price moved(Price price, double factor, Basis basis, const std::string& how) {
  if (factor == 1) return price;
  price = scaled(price, factor);
  price.provenance =
      Provenance(std::max(price.provenance.basis, basis), price.provenance.source + "; " + how,
                 price.provenance.outside_range);
  return price;
}

/// Sum of times that are wrong together; the provenance is that of the longest part.
Price sum(const std::vector<Price>& parts) {
  const auto longest = std::max_element(
      parts.begin(), parts.end(), [](const Price& a, const Price& b) { return a.time < b.time; });
  Price total = *longest;
  total.time = total.low = total.high = Seconds{0};
  for (const Price& part : parts) {
    total.time += part.time;
    total.low += part.low;
    total.high += part.high;
  }
  return total;
}

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

/// How much longer the transfer takes beside compute than alone, by the profile.
double slow_down(const PriceBook& book, const KernelShape& kernel) {
  KernelShape traced = kernel;
  traced.dtype = kernel.operation == Operation::kCombine ? Dtype::kBf16 : Dtype::kFp8;
  traced.m = kProfiled.tokens;
  traced.n = kProfiled.hidden;
  traced.k = kProfiled.top_k;
  traced.groups = kProfiled.expert_ranks;
  const Gpu& gpu = profiled_gpu(book);
  const std::optional<Price> beside = traced_communication_price(book.step, gpu, traced);
  if (!beside) throw std::invalid_argument("the profile lacks a transfer");
  return beside->time /
         alone_of(all_to_all_price(book.tables, gpu, kProfiled), kernel.operation).time;
}

AllToAllShape shape_of(const Scenario& scenario, const Moe& moe, const KernelShape& kernel) {
  return {.expert_ranks = scenario.parallelism.expert,
          .ranks_per_node = scenario.cluster.gpus_per_node,
          .tokens = kernel.m,
          .hidden = kernel.n,
          .top_k = static_cast<int>(moe.top_k),
          .experts = static_cast<int>(moe.routed_experts),
          .sms = scenario.communication.sms};
}

/// BF16 rows are twice as long as the FP8 ones that the tables dispatch.
Price widened(Price price, const KernelShape& kernel) {
  if (kernel.operation == Operation::kCombine || kernel.dtype == Dtype::kFp8) return price;
  const double ratio = 2.0 / (1 + 4.0 / 128);
  return moved(price, ratio, Basis::kEstimated, "BF16 rows by their bytes");
}

/// Transfers were measured with the links that their GPUs are sold with: a 400 Gb/s NIC each.
double link_ratio(const Scenario& scenario) {
  constexpr BytesPerSecond kMeasuredNic{50e9};
  const Cluster& cluster = scenario.cluster;
  return scenario.parallelism.expert > cluster.gpus_per_node
             ? kMeasuredNic / cluster.scale_out.peak
             : cluster.gpu.nvlink / cluster.scale_up.peak;
}

SettingPrices transfer_kernel(const PriceBook& book, const Scenario& scenario, const Moe& moe,
                              const KernelShape& kernel) {
  const Gpu& gpu = scenario.cluster.gpu;
  const double ratio = link_ratio(scenario);
  const std::string how = "moved by the link's peak rate";
  const Price table =
      widened(alone_of(all_to_all_price(book.tables, gpu, shape_of(scenario, moe, kernel)),
                       kernel.operation),
              kernel);
  const Price alone = moved(table, ratio, Basis::kScaled, how);
  if (auto traced = traced_communication_price(book.step, gpu, kernel)) {
    return {.paired = moved(*traced, ratio, Basis::kScaled, how), .alone = alone};
  }
  const double slower = slow_down(book, kernel);
  return {.paired = moved(
              alone, slower, Basis::kEstimated,
              fmt::format("{:.2f} times longer beside compute, as in DeepSeek's profile", slower)),
          .alone = alone};
}

/// Casts and layout kernels of the communication stream: as traced beside compute, else like their
/// compute siblings.
SettingPrices helper_kernel(const PriceBook& book, const Scenario& scenario,
                            const KernelShape& kernel) {
  const Gpu& gpu = scenario.cluster.gpu;
  KernelShape sibling = kernel;
  if (kernel.operation == Operation::kDispatchCast) sibling.operation = Operation::kCast;
  if (kernel.operation == Operation::kDispatchLayout) {
    sibling = {.operation = Operation::kExpertCount,
               .dtype = Dtype::kFp32,
               .m = kernel.m * std::max<std::int64_t>(1, kernel.k),
               .n = 0,
               .k = 0,
               .groups = 1};
  }
  const Price alone = step_price(book.step, gpu, sibling, scenario.assumptions.sms_alone.value);
  const auto traced = traced_communication_price(book.step, gpu, kernel);
  return {.paired = traced.value_or(alone), .alone = alone};
}

/// A barrier without its waiting: as the profile's manifest has it, else its messages' way out and
/// back.
Price barrier_price(const PriceBook& book, const Scenario& scenario, const KernelShape& kernel) {
  if (const auto traced = traced_communication_price(book.step, scenario.cluster.gpu, kernel)) {
    return *traced;
  }
  const Link& link = scenario.parallelism.expert > scenario.cluster.gpus_per_node
                         ? scenario.cluster.scale_out
                         : scenario.cluster.scale_up;
  const Seconds time = link.latency * 2;
  return {.time = time,
          .low = link.latency,
          .high = link.latency * 4,
          .provenance = Provenance(Basis::kEstimated, "two link latencies: " + link.source, false)};
}

}  // namespace

Price kernel_price(const PriceBook& book, const Gpu& gpu, const KernelShape& kernel, int sms) {
  const bool product =
      kernel.operation == Operation::kGemm || kernel.operation == Operation::kWeightGradient;
  // A profile's only BF16 products are the router's, too small to speak for an output head.
  constexpr std::int64_t kSmallestTabled = 1024;
  if (product && kernel.dtype == Dtype::kBf16 &&
      std::min({kernel.m, kernel.n, kernel.k}) >= kSmallestTabled) {
    const bool weight = kernel.operation == Operation::kWeightGradient;
    const Price price =
        weight ? gemm_price(book.tables, gpu, "bfloat16", kernel.n, kernel.k, kernel.m)
               : gemm_price(book.tables, gpu, "bfloat16", kernel.m, kernel.n, kernel.k);
    return moved(price, static_cast<double>(gpu.sms) / sms, Basis::kScaled,
                 fmt::format("on {} of {} SMs", sms, gpu.sms));
  }
  return step_price(book.step, gpu, kernel, sms);
}

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
    paired.push_back(scaled(std::move(one.paired), op.launches));
    alone.push_back(scaled(std::move(one.alone), op.launches));
  }
  return {.paired = sum(paired), .alone = sum(alone)};
}

Price link_price(const Cluster& cluster, Seconds time, const std::string& what) {
  const Link& link = cluster.scale_out;
  const double best = link.effective_high ? link.effective / *link.effective_high : 1;
  return {.time = time,
          .low = time * best,
          .high = time * (2 - best),
          .provenance =
              Provenance(Basis::kEstimated, what + " at the links' rates: " + link.source, false)};
}

}  // namespace windtunnel
