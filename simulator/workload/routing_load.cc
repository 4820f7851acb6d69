#include "simulator/workload/routing_load.h"

#include <algorithm>
#include <numeric>

#include "simulator/base/random.h"

namespace windtunnel {
namespace {

double mean_of(std::span<const double> loads) {
  return std::accumulate(loads.begin(), loads.end(), 0.0) / static_cast<double>(loads.size());
}

void scale_to_mean(std::vector<double>& loads, double mean) {
  const double own = mean_of(loads);
  if (own <= 0) {
    std::fill(loads.begin(), loads.end(), mean);
    return;
  }
  for (double& load : loads) load *= mean / own;
}

}  // namespace

std::vector<double> routing_loads(const RoutingSpread& spread, int ranks, std::uint64_t group,
                                  std::uint64_t layer, std::uint64_t micro_batch,
                                  std::span<const double> shares) {
  std::vector<double> loads(static_cast<std::size_t>(ranks), 1.0);
  if (!shares.empty()) loads.assign(shares.begin(), shares.end());
  if (spread.deviation <= 0 || ranks == 1) return loads;
  const double mean = mean_of(loads);
  for (std::size_t rank = 0; rank < loads.size(); ++rank) {
    const std::uint64_t place = group * loads.size() + rank;
    const double deviate = normal(mix(spread.seed, place, layer, micro_batch));
    loads[rank] *= std::max(0.0, 1.0 + spread.deviation * deviate);
  }
  scale_to_mean(loads, mean);
  return loads;
}

std::vector<double> representative_loads(std::vector<double> loads, int members,
                                         std::uint64_t turn) {
  const auto count = static_cast<std::size_t>(members);
  if (count >= loads.size()) return loads;
  if (count == 1) return {1.0};
  std::sort(loads.begin(), loads.end());
  std::vector<double> chosen(count);
  for (std::size_t bin = 0; bin < count; ++bin) {
    const std::size_t first = bin * loads.size() / count;
    const std::size_t last = (bin + 1) * loads.size() / count;
    const double sum = std::accumulate(loads.begin() + static_cast<std::ptrdiff_t>(first),
                                       loads.begin() + static_cast<std::ptrdiff_t>(last), 0.0);
    chosen[bin] = sum / static_cast<double>(last - first);
  }
  chosen.back() = loads.back();
  // sum(others) * factor + maximum = members, so that work is conserved.
  const double others = std::accumulate(chosen.begin(), chosen.end() - 1, 0.0);
  const double factor = (static_cast<double>(count) - chosen.back()) / others;
  if (factor > 0) {
    for (std::size_t bin = 0; bin + 1 < count; ++bin) chosen[bin] *= factor;
  }
  std::rotate(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(turn % count),
              chosen.end());
  return chosen;
}

}  // namespace windtunnel
