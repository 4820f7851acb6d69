// Merges the parts of requests that were cut: o = sum 2^(l_i - l) o_i with l = log2 sum 2^l_i. A
// warp a row; rows of other requests are finished already.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/mla/decode_rows.cuh"

namespace windtunnel::device {

inline constexpr int kCombineWarps = 4;
/// Columns that a warp takes at a time, four a lane.
inline constexpr int kCombineColumns = 128;

/// One row of `merge`: its parts' log sums and results are `rows` lines apart.
__device__ inline void combine_row(const DecodeArguments& a, const DecodeMerge& merge, int row) {
  const std::int64_t first = std::int64_t{merge.first_slot} * a.rows + row;
  float largest = -INFINITY;
  for (int i = 0; i < merge.slots; ++i) {
    largest = maximum(largest, ld_global<float>(a.part_sums + first + std::int64_t{i} * a.rows));
  }
  const float offset = offset_of(largest, 1);
  const int column = lane_id() * 4;
  float total = 0;
  float o[kDecodeLatent / kCombineColumns][4] = {};
  for (int i = 0; i < merge.slots; ++i) {
    const std::int64_t line = first + std::int64_t{i} * a.rows;
    const float weight = exp2_approx(ld_global<float>(a.part_sums + line) - offset);
    total += weight;
#pragma unroll
    for (int j = 0; j < kDecodeLatent / kCombineColumns; ++j) {
      const f32x4 part =
          ld_global<f32x4>(a.parts + line * kDecodeLatent + j * kCombineColumns + column);
      o[j][0] = multiply_add(weight, part.x, o[j][0]);
      o[j][1] = multiply_add(weight, part.y, o[j][1]);
      o[j][2] = multiply_add(weight, part.z, o[j][2]);
      o[j][3] = multiply_add(weight, part.w, o[j][3]);
    }
  }
  const std::int64_t line = std::int64_t{merge.request} * a.rows + row;
  const float factor = inverse_of(total);
#pragma unroll
  for (int j = 0; j < kDecodeLatent / kCombineColumns; ++j) {
    st_global(a.o + line * kDecodeLatent + j * kCombineColumns + column,
              u32x2{pack_bf16(o[j][0] * factor, o[j][1] * factor),
                    pack_bf16(o[j][2] * factor, o[j][3] * factor)});
  }
  if (lane_id() == 0) {
    st_global(a.log_sums + line, (largest + log2_approx(total)) * 0.693147181F);
  }
}

/// One block for every kCombineWarps rows of a merge.
template <int kWarps>
__global__ void __launch_bounds__(kWarps * 32)
    combine_parts(const DecodeMerge* merges, DecodeArguments arguments) {
  const int blocks = (arguments.rows + kWarps - 1) / kWarps;
  const int block = static_cast<int>(blockIdx.x);
  const int row = block % blocks * kWarps + warp_id();
  if (row >= arguments.rows) return;
  const u32x4 merge = ld_global_nc<u32x4>(merges + block / blocks);
  combine_row(arguments,
              {static_cast<int>(merge.x), static_cast<int>(merge.y), static_cast<int>(merge.z)},
              row);
}

/// Behind the decode kernel of either architecture; nothing is launched where nothing was cut.
inline LaunchReport launch_combine(Gpu& gpu, const DecodePlan& plan, const DecodeCall& call) {
  if (plan.merges.empty()) return {};
  const int blocks = (plan.rows + kCombineWarps - 1) / kCombineWarps;
  return launch(gpu, &combine_parts<kCombineWarps>,
                {.kernel = "combine_parts",
                 .grid = {static_cast<u32>(blocks) * static_cast<u32>(plan.merges.size())},
                 .block = {kCombineWarps * 32}},
                call.merges, arguments_of(call, plan));
}

}  // namespace windtunnel::device
