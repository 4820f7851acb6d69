#include "kernels/moe/tolerance.h"

#include <algorithm>
#include <cmath>

#include "kernels/ops/error.h"
#include "kernels/ops/tolerance.h"

namespace windtunnel::tolerance {

double sigmoid(double x) {
  const double rest = 1 / (1 + std::exp(x));  // 1 - sigmoid(x), exact where it is small
  const double argument = kEx2Error + 2 * kUnit * std::abs(x);
  return (rest * argument + roundings(1) + kRcpError) * kSecondOrder;
}

double score(reference::Scoring scoring, double size, std::int64_t experts) {
  if (scoring == reference::Scoring::kSigmoid) return sigmoid(-size);
  const double term = exponential(std::min(2 * size, 104.0), size);
  return (2 * term + roundings(static_cast<double>(experts) + 1) + kRcpError) * kSecondOrder;
}

double decision(reference::Scoring scoring, double size, std::int64_t experts, double bias) {
  const double biased = score(scoring, size, experts) + kUnit * (1 + bias);
  const double group = 2 * biased + kUnit * 2 * (1 + bias);
  return 2 * group;
}

double weight(double value, double size, const reference::RouterConfig& config) {
  const double one = score(config.scoring, size, config.experts);
  const double sum = one + roundings(static_cast<double>(config.top_k)) + kRcpError;
  const double relative = config.normalized ? one + sum + roundings(2) : one + roundings(1);
  return std::abs(value) * relative * kSecondOrder + kFlushed;
}

double router_backward(double magnitude, double size, const reference::RouterConfig& config) {
  const double one = score(config.scoring, size, config.experts);
  const double sum = one + roundings(static_cast<double>(config.top_k)) + kRcpError;
  const double relative = 4 * one + 2 * sum + roundings(static_cast<double>(config.top_k) + 10);
  return magnitude * relative * kSecondOrder + kFlushed;
}

double unpermute(double y, double magnitude, std::int64_t top_k) {
  return stored(y, magnitude * roundings(static_cast<double>(top_k) + 1), kBf16);
}

double unpermute_backward(double dx) { return stored(dx, std::abs(dx) * roundings(1), kBf16); }

double routing_weight_gradient(double magnitude, double depth) { return summed(magnitude, depth); }

double swiglu_error(double y, double gate, double up, double weight) {
  const double relative = (sigmoid(gate) + roundings(3)) * kSecondOrder;
  return std::abs(y) * relative + std::abs(gate * up * weight) * kFlushed;
}

double swiglu(double y, double gate, double up, double weight) {
  return stored(y, swiglu_error(y, gate, up, weight), kBf16);
}

double swiglu_gate_gradient(double value, double magnitude, double gate) {
  const double relative = (2 * sigmoid(gate) + roundings(4 + 4)) * kSecondOrder;
  return stored(value, magnitude * relative, kBf16);
}

double swiglu_up_gradient(double value, double gate) {
  const double relative = (sigmoid(gate) + roundings(3)) * kSecondOrder;
  return stored(value, std::abs(value) * relative, kBf16);
}

double swiglu_weight_gradient(double magnitude, double gate, double depth) {
  const double relative = (sigmoid(-gate) + roundings(depth + 3)) * kSecondOrder;
  return magnitude * relative + kFlushed;
}

}  // namespace windtunnel::tolerance
