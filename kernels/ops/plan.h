// How a row-wise kernel is launched: bound by memory, so all there is to choose is enough bytes in
// flight and no idle tail.
#pragma once

#include <cstdint>
#include <string>

namespace windtunnel {

/// Rows of `columns` elements, `element` bytes each of the widest operand.
struct RowProblem {
  std::int64_t rows;
  std::int64_t columns;
  int element;
};

/// `threads` threads a row, each moving `vector` elements (16 bytes where the row allows) at a
/// time, `steps` times; `rows_a_block` rows a block; `grid` blocks that walk the rows with that
/// stride.
struct RowPlan {
  int threads;
  int vector;
  int steps;
  int rows_a_block;
  std::int64_t grid;
};

/// The fewest threads of a power of two from 32 to 1024 that leave each thread at most `held`
/// elements, which it keeps in registers; blocks of 128 threads at least; as many blocks as the
/// GPU's `sms` hold at 2048 threads each, or as there are rows for.
RowPlan plan_rows(const RowProblem& problem, int sms, int held = 32);

/// `256 threads x 4 x 8, 1 row a block, 528 blocks`.
std::string text(const RowPlan& plan);

/// Longest chain of FP32 additions when such a plan reduces a row: a thread's elements, then a
/// tree.
double reduction_depth(const RowPlan& plan);

}  // namespace windtunnel
