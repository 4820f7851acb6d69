#include "kernels/ops/plan.h"

#include <algorithm>
#include <cmath>

namespace windtunnel {
namespace {

constexpr int kWarp = 32;
constexpr int kLargestBlock = 1024;
constexpr int kSmallestBlock = 128;
constexpr int kThreadsOfSm = 2048;
constexpr int kVectorBytes = 16;

int vector_of(const RowProblem& problem) {
  int vector = kVectorBytes / problem.element;
  while (problem.columns % vector != 0) vector /= 2;
  return vector;
}

}  // namespace

RowPlan plan_rows(const RowProblem& problem, int sms, int held) {
  const int vector = vector_of(problem);
  int threads = kWarp;
  while (threads < kLargestBlock && std::int64_t{threads} * held < problem.columns) threads *= 2;
  const std::int64_t stride = std::int64_t{threads} * vector;
  const int rows_a_block = std::max(1, kSmallestBlock / threads);
  const std::int64_t blocks = (problem.rows + rows_a_block - 1) / rows_a_block;
  const std::int64_t resident = std::int64_t{sms} * (kThreadsOfSm / (threads * rows_a_block));
  return {.threads = threads,
          .vector = vector,
          .steps = static_cast<int>((problem.columns + stride - 1) / stride),
          .rows_a_block = rows_a_block,
          .grid = std::min(blocks, resident)};
}

std::string text(const RowPlan& plan) {
  return std::to_string(plan.threads) + " threads x " + std::to_string(plan.vector) + " x " +
         std::to_string(plan.steps) + ", " + std::to_string(plan.rows_a_block) +
         (plan.rows_a_block == 1 ? " row" : " rows") + " a block, " + std::to_string(plan.grid) +
         " blocks";
}

double reduction_depth(const RowPlan& plan) {
  return plan.vector * plan.steps + std::log2(plan.threads);
}

}  // namespace windtunnel
