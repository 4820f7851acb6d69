// Rotary embedding of the pairs (2i, 2i + 1), in place or not: a thread turns four pairs, 16 bytes
// of a row and of either table. All heads of a token share its angles, so the tables stay in cache.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/ops/vector.cuh"

namespace windtunnel::device {

/// `heads` rows of 2 * pairs channels a token, `pitch` elements apart in x and y, which may be the
/// same; cosines and sines [tokens, pairs] in FP32. pairs a multiple of 4, pitch of 8.
struct RopeArguments {
  const bf16* x = nullptr;
  bf16* y = nullptr;
  const float* cosines = nullptr;
  const float* sines = nullptr;
  int tokens = 0;
  int heads = 0;
  int pairs = 0;
  int pitch = 0;
};

inline constexpr int kRopeThreads = 256;

/// `kBackward` turns the other way.
template <bool kBackward>
__global__ void __launch_bounds__(kRopeThreads) rope(RopeArguments a) {
  constexpr int kPairs = kVector / 2;
  const int vectors = a.pairs / kPairs;
  const int items = a.tokens * a.heads * vectors;
  const int stride = static_cast<int>(gridDim.x) * kRopeThreads;
  for (int item = static_cast<int>(blockIdx.x * kRopeThreads + threadIdx.x); item < items;
       item += stride) {
    const int row = item / vectors;
    const int pair = item % vectors * kPairs;
    const i64 angle = i64{row / a.heads} * a.pairs + pair;
    const i64 at = i64{row} * a.pitch + 2 * pair;
    const f32x4 cosine = ld_global_nc<f32x4>(a.cosines + angle);
    const f32x4 sine = ld_global_nc<f32x4>(a.sines + angle);
    const float c[kPairs] = {cosine.x, cosine.y, cosine.z, cosine.w};
    const float s[kPairs] = {sine.x, sine.y, sine.z, sine.w};
    // Not the read-only path: y may be x.
    float v[kVector];
    unpack(ld_global<u32x4>(a.x + at), v);
#pragma unroll
    for (int i = 0; i < kPairs; ++i) {
      const float even = v[2 * i];
      const float odd = v[2 * i + 1];
      const float turn = kBackward ? -s[i] : s[i];
      v[2 * i] = even * c[i] - odd * turn;
      v[2 * i + 1] = even * turn + odd * c[i];
    }
    st_global(a.y + at, pack(v));
  }
}

inline LaunchReport launch_rope(Gpu& gpu, const RopeArguments& a, bool backward, int sms) {
  if (a.pairs % 4 != 0 || a.pitch % kVector != 0) {
    return {.failure = "rope: pairs must be a multiple of 4, the pitch of 8"};
  }
  const i64 items = i64{a.tokens} * a.heads * (a.pairs / 4);
  if (items == 0) return {};
  const LaunchShape shape{.kernel = "rope",
                          .grid = {flat_grid(items, kRopeThreads, kRopeThreads, sms)},
                          .block = {kRopeThreads}};
  return backward ? launch(gpu, &rope<true>, shape, a) : launch(gpu, &rope<false>, shape, a);
}

}  // namespace windtunnel::device
