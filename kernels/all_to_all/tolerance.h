// How far a combine may be from its reference, absolute, derived with the rules of
// kernels/ops/error.h. Dispatch copies, so it is exact; that of low latency quantises as
// kernels/ops/quantize.cuh does.
#pragma once

#include <cstdint>

namespace windtunnel::tolerance {

/// y = sum of `rows` BF16 rows in FP32, stored in BF16; `magnitude` is the sum of their |values|.
double combine(double y, double magnitude, std::int64_t rows);

/// The same with a weight for each row, whose product rounds.
double combine_weighted(double y, double magnitude, std::int64_t rows);

/// Two sums: of a node's rows, at most `node_ranks`, stored in BF16, which takes up to 2^-8 of
/// each; and of the `nodes`' sums.
double combine_two_hops(double y, double magnitude, std::int64_t node_ranks, std::int64_t nodes);

}  // namespace windtunnel::tolerance
