#include "kernels/ops/tolerance.h"

#include <algorithm>
#include <cmath>

#include "kernels/ops/error.h"

namespace windtunnel::tolerance {

double scale(reference::ScaleKind kind, double input) {
  if (kind == reference::ScaleKind::kPowerOfTwo) return 0;
  return (input + roundings(4)) * kSecondOrder;
}

double code(double ratio, double input) {
  return stored(ratio, std::abs(ratio) * (input + roundings(4)) * kSecondOrder, kE4m3);
}

double dequantized(double value) { return stored(value, std::abs(value) * roundings(1), kBf16); }

double inverse_root(double depth) { return roundings(depth + 3) / 2 * kSecondOrder + kRsqrtError; }

double rms_norm(double y, double depth) {
  const double relative = (inverse_root(depth) + roundings(2)) * kSecondOrder;
  return stored(y, std::abs(y) * relative, kBf16);
}

double rms_norm_backward(double dx, double magnitude, double depth) {
  const double relative = (3 * inverse_root(depth) + roundings(depth + 8)) * kSecondOrder;
  return stored(dx, magnitude * relative, kBf16);
}

double rms_norm_gamma(double magnitude, double depth, double row_depth) {
  return magnitude * (inverse_root(row_depth) + roundings(depth + 2)) * kSecondOrder + kFlushed;
}

double rope(double y, double magnitude) { return stored(y, magnitude * roundings(2), kBf16); }

double exponential(double distance, double size) {
  return (kEx2Error + kUnit * (3 * distance + size)) * kSecondOrder;
}

double log_sum(double value, const LossRow& row) {
  const double distance = std::min(row.range, 104.0);
  const double terms = exponential(distance, row.size) + row.rescales * exponential(0, row.size) +
                       3 * kUnit * distance;
  const double sum = (terms + roundings(row.depth + row.rescales)) * kSecondOrder;
  const double logarithm = std::max(1.0, std::abs(value) + row.size) * (kLg2Error + roundings(2));
  return sum + logarithm + std::abs(value) * kUnit;
}

double loss(double log_sum_value, double value, const LossRow& row) {
  return log_sum(log_sum_value, row) + std::abs(value) * roundings(1);
}

double loss_gradient(double gradient, double probability, double log_sum_value,
                     const LossRow& row) {
  const double distance = std::min(row.range + std::abs(log_sum_value) + row.size, 104.0);
  const double relative =
      log_sum(log_sum_value, row) + exponential(distance, std::abs(log_sum_value));
  const double error =
      std::abs(probability) * relative * kSecondOrder + std::abs(gradient) * roundings(2);
  return stored(gradient, error, kBf16);
}

double summed(double magnitude, double depth) { return magnitude * roundings(depth) + kFlushed; }

double scaled(double y) { return stored(y, std::abs(y) * roundings(1), kBf16); }

reference::AdamState adam(const reference::AdamRule& rule, const reference::AdamState& before,
                          double gradient) {
  const reference::AdamState after = reference::adam(rule, before, gradient);
  const double terms = std::abs(rule.beta1 * before.mean) + std::abs((1 - rule.beta1) * gradient);
  const double mean = terms * roundings(3);
  const double root = std::sqrt(after.square * rule.square_correction) + rule.epsilon;
  const double quotient = after.mean * rule.mean_correction / root;
  const double quotient_error =
      mean * rule.mean_correction / root + std::abs(quotient) * roundings(6);
  const double decay = std::abs(rule.decay * before.weight);
  const double change = rule.rate * (quotient_error + (std::abs(quotient) + decay) * roundings(3));
  return {(change + std::abs(after.weight) * roundings(1)) * kSecondOrder + kFlushed,
          stored(after.mean, mean, kBf16),
          stored(after.square, after.square * roundings(4), kBf16)};
}

}  // namespace windtunnel::tolerance
