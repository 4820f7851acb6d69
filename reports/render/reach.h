// How far an effect reaches: what lists of effects are sorted by.
#pragma once

#include <cmath>

namespace windtunnel {

/// GPU hours between its ends, or seconds of the step where there is no run.
template <typename Effect>
double reach(const Effect& effect) {
  const double hours = std::abs(effect.gpu_hours_high - effect.gpu_hours_low);
  return hours > 0 ? hours : std::abs(effect.step_high_s - effect.step_low_s);
}

}  // namespace windtunnel
