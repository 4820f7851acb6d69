#include "reports/export/phase_kernels.h"

#include <cmath>

namespace windtunnel {
namespace {

/// Seconds of a phase at its prices, with the gaps behind launches: of kernels whose rows the
/// router decides, and of the others.
struct PhaseSeconds {
  double routed = 0;
  double fixed = 0;
};

double launch_seconds(const PricedKernel& kernel, bool paired) {
  return (paired ? kernel.price.paired : kernel.price.alone).time.value;
}

PhaseSeconds seconds_of(const PricedBlock& block, Phase phase, bool paired, double gap) {
  PhaseSeconds sum;
  for (const PricedKernel& kernel : block.kernels) {
    if (kernel.op.phase != phase) continue;
    (kernel.op.routed ? sum.routed : sum.fixed) +=
        kernel.op.launches * (launch_seconds(kernel, paired) + gap);
  }
  return sum;
}

}  // namespace

std::vector<PlacedKernel> placed_kernels(const PricedBlock& block, Phase phase, bool paired,
                                         Seconds gap, std::int64_t start, std::int64_t end) {
  const PhaseSeconds sum = seconds_of(block, phase, paired, gap.value);
  if (sum.routed + sum.fixed <= 0) return {};
  const double length = static_cast<double>(end - start) * 1e-12;
  const bool by_rows = sum.routed > 0 && length > sum.fixed;
  const double routed =
      by_rows ? (length - sum.fixed) / sum.routed : length / (sum.routed + sum.fixed);
  const double fixed = by_rows ? 1 : routed;
  std::vector<PlacedKernel> placed;
  double at = 0;
  const auto place = [&](double seconds) {
    return std::min<std::int64_t>(end, start + std::llround(seconds * 1e12));
  };
  for (const PricedKernel& kernel : block.kernels) {
    if (kernel.op.phase != phase) continue;
    const double factor = kernel.op.routed ? routed : fixed;
    const double launch = launch_seconds(kernel, paired) * factor;
    for (double left = kernel.op.launches; left > 1e-9; left -= 1) {
      const double part = std::min(1.0, left);
      placed.push_back({.kernel = &kernel, .start = place(at), .end = place(at + part * launch)});
      at += part * (launch + gap.value * factor);
    }
  }
  return placed;
}

}  // namespace windtunnel
