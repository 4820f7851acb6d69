#include <algorithm>
#include <cmath>

#include "kernels/ops/reference.h"

namespace windtunnel::reference {

LossPart loss_part(std::span<const double> logits, std::int64_t first, std::int64_t target) {
  LossPart part{*std::max_element(logits.begin(), logits.end()), 0, 0};
  for (const double logit : logits) part.sum += std::exp(logit - part.largest);
  const std::int64_t here = target - first;
  if (0 <= here && here < std::ssize(logits)) part.target = logits[static_cast<std::size_t>(here)];
  return part;
}

LossPart merged(const LossPart& a, const LossPart& b) {
  const double largest = std::max(a.largest, b.largest);
  return {largest, a.sum * std::exp(a.largest - largest) + b.sum * std::exp(b.largest - largest),
          a.target + b.target};
}

double log_sum(const LossPart& part) { return part.largest + std::log(part.sum); }

double loss(const LossPart& part) { return log_sum(part) - part.target; }

std::vector<double> loss_gradient(std::span<const double> logits, std::int64_t first,
                                  std::int64_t target, double row_log_sum, double scale) {
  std::vector<double> gradient;
  gradient.reserve(logits.size());
  for (const double logit : logits) gradient.push_back(scale * std::exp(logit - row_log_sum));
  const std::int64_t here = target - first;
  if (0 <= here && here < std::ssize(logits)) gradient[static_cast<std::size_t>(here)] -= scale;
  return gradient;
}

}  // namespace windtunnel::reference
