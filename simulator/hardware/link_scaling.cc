#include "simulator/hardware/link_scaling.h"

#include <algorithm>
#include <cmath>

namespace windtunnel {
/// From the trend's terms of work_terms.h.
double latency_seconds(const Surface& surface, std::span<const double> place) {
  double seconds = surface.trend[0];
  if (surface.rule->axes[0].column == "num_gpus") {
    seconds += surface.trend[1] * std::exp2(place[0]);
  }
  return seconds;
}

bool is_bound_by_nvlink(const Surface& surface) {
  const auto& names = surface.rule->categories;
  const auto nodes = std::find(names.begin(), names.end(), "node_num");
  const bool in_one_node =
      nodes == names.end() ||
      surface.categories[static_cast<std::size_t>(nodes - names.begin())] == "1";
  return surface.rule->binding == Binding::kNvlink && in_one_node;
}

Answer moved_to_links(Answer answer, const Surface& surface, std::span<const double> place,
                      const Gpu& measured_on, const Gpu& asked_for) {
  if (!is_bound_by_nvlink(surface)) return answer;
  const double ratio = measured_on.nvlink / asked_for.nvlink;
  const double latency = latency_seconds(surface, place);
  const auto moved = [&](double seconds) {
    const double fixed = std::min(seconds, latency);
    return fixed + (seconds - fixed) * ratio;
  };
  answer.seconds = moved(answer.seconds);
  answer.low = moved(answer.low);
  answer.high = moved(answer.high);
  return answer;
}

}  // namespace windtunnel
