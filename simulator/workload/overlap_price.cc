#include "simulator/workload/overlap_price.h"

#include <fmt/format.h>

#include "simulator/workload/kernel_price.h"

namespace windtunnel {
namespace {

/// Whether rows go out to experts (or come back) beside a phase of compute, in DeepSeek's order:
/// combine(B) beside attn(F), dispatch(F) beside mlp(B) and mlp(W), dispatch(B) beside mlp(F),
/// combine(F) beside attn(B) and attn(W).
bool outward_beside(Phase phase) {
  return phase == Phase::kAttentionForward || phase == Phase::kMlpBackward ||
         phase == Phase::kMlpWeight;
}

/// Our own transfers between virtual ranks of one GPU stand for those between GPUs.
bool is_class(const OverlapCell& cell, bool outward, int sms) {
  if (!cell.communication || cell.communication_sms != sms) return false;
  const Operation operation = *cell.communication;
  return outward ? operation == Operation::kLoopbackDispatch || operation == Operation::kDispatch
                 : operation == Operation::kLoopbackCombine || operation == Operation::kCombine;
}

}  // namespace

Price beside_transfer(const PriceBook& book, const Scenario& scenario, const LayerOp& op, int sms,
                      const Price& price) {
  const Gpu& gpu = scenario.cluster.gpu;
  const OverlapMatrix* matrix = find_overlaps(book, gpu.id);
  if (matrix == nullptr || scenario.parallelism.expert == 1) return price;
  // A profile's own times were taken in a step.
  if (book.own && traced_price(*book.own, gpu, op.kernel, sms)) return price;
  if (!tabled_kernel_price(book, gpu, op.kernel, sms)) return price;
  for (const OverlapCell& cell : matrix->cells) {
    if (cell.compute != op.kernel.operation || cell.compute_dtype != op.kernel.dtype) continue;
    if (!is_class(cell, outward_beside(op.phase), scenario.communication.sms)) continue;
    return moved(price, cell.compute_slowdown, Basis::kScaled,
                 fmt::format("{:.2f} times longer beside {}, by {}", cell.compute_slowdown,
                             operation_name(*cell.communication), matrix->file));
  }
  return price;
}

std::optional<Price> beside_compute(const PriceBook& book, const Scenario& scenario,
                                    const KernelShape& transfer, const Price& alone) {
  const OverlapMatrix* matrix = find_overlaps(book, scenario.cluster.gpu.id);
  if (matrix == nullptr) return std::nullopt;
  const bool outward = transfer.operation != Operation::kCombine;
  double sum = 0;
  int cells = 0;
  for (const OverlapCell& cell : matrix->cells) {
    if (!is_class(cell, outward, scenario.communication.sms)) continue;
    sum += cell.communication_slowdown;
    ++cells;
  }
  if (cells == 0) return std::nullopt;
  return moved(alone, sum / cells, Basis::kScaled,
               fmt::format("{:.2f} times longer beside compute, mean over {} kernels of {}",
                           sum / cells, cells, matrix->file));
}

}  // namespace windtunnel
