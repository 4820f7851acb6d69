#include "kernels/mla/decode_tolerance.h"

#include <algorithm>
#include <cmath>

#include "kernels/gemm/tolerance.h"
#include "kernels/mla/decode_plan.h"
#include "kernels/ops/error.h"
#include "kernels/ops/tolerance.h"

namespace windtunnel::tolerance {
namespace {

constexpr double kBf16Unit = 0x1p-8;

double score(const reference::DecodeRow& row) {
  return gemm(0, row.magnitude, kDecodeWidth, kFp32);
}

/// Logarithms of the sums of parts differ by at most the range of scores and the log of keys.
LossRow merged_row(const reference::DecodeRow& row, double parts) {
  const double keys = std::log(std::max(1.0, row.keys));
  return {.size = row.size + keys, .range = row.range + keys, .depth = parts, .rescales = 0};
}

/// Relative error of p after it was rescaled.
double probability(const reference::DecodeRow& row, const DecodeSteps& steps) {
  const double distance = std::min(row.range, 104.0);
  return score(row) + exponential(distance, row.size) +
         steps.rescales * (exponential(0, row.size) + kUnit) + 3 * kUnit * distance;
}

/// Of a part's weight exp(l_i - l), relative.
double weight(const reference::DecodeRow& row, const DecodeSteps& steps) {
  const LossRow merged = merged_row(row, steps.parts);
  const double logarithm =
      std::max(1.0, merged.size + row.size) * (kLg2Error + roundings(2)) + merged.size * kUnit;
  return logarithm + exponential(std::min(merged.range, 104.0), merged.size);
}

}  // namespace

double decode_log_sum(const reference::DecodeRow& row, const DecodeSteps& steps) {
  const LossRow whole{
      .size = row.size, .range = row.range, .depth = row.keys, .rescales = steps.rescales};
  const double error = log_sum(row.log_sum, whole) + score(row);
  if (steps.parts <= 1) return error;
  return error + log_sum(row.log_sum, merged_row(row, steps.parts));
}

double decode_output(double value, double magnitude, const reference::DecodeRow& row,
                     const DecodeSteps& steps) {
  double relative = kBf16Unit + 2 * probability(row, steps) + kRcpError + roundings(2) +
                    gemm(0, 1, row.keys + steps.rescales, kFp32) +
                    roundings(row.keys + steps.rescales);
  if (steps.parts > 1) {
    relative += 2 * (weight(row, steps) + roundings(steps.parts + 1)) + kRcpError + roundings(1);
  }
  return stored(value, magnitude * relative * kSecondOrder, kBf16);
}

}  // namespace windtunnel::tolerance
