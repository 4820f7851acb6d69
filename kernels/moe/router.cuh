// Router: scores, group-limited choice of the best experts and their weights, one warp a token. A
// lane holds neighbouring experts and a group is neighbouring lanes (kernels/moe/plan.h), so
// nothing leaves the registers of the warp.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/moe/plan.h"
#include "kernels/ops/loss.cuh"

namespace windtunnel::device {

/// logits[tokens, experts]; bias[experts] is added for the choice only, nullptr for none. chosen
/// and weights [tokens, top_k], best first, of equals the lower index. `factor` over the chosen
/// scores' sum plus 1e-20 where `normalized`. lanes_a_group times groups is 32; top_k at most 32.
struct RouterArguments {
  const float* logits = nullptr;
  const float* bias = nullptr;
  i32* chosen = nullptr;
  float* weights = nullptr;
  int tokens = 0;
  int experts = 0;
  int groups = 0;
  int top_groups = 0;
  int top_k = 0;
  int lanes_a_group = 0;
  bool normalized = false;
  float factor = 0;
};

inline constexpr int kRouterWarps = 4;
inline constexpr float kMinusInfinity = -__builtin_huge_valf();

/// A score that may be chosen: larger keys win, of equal scores the one of the lower index. 0 is
/// below every real key.
__device__ __forceinline__ u64 key_of(float score, int index) {
  const u32 bits = bits_of(score);
  const u32 ordered = (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
  return u64{ordered} << 32 | static_cast<u32>(~index);
}
__device__ __forceinline__ int index_of(u64 key) {
  return static_cast<int>(~static_cast<u32>(key));
}

__device__ __forceinline__ u64 warp_max(u64 key) {
#pragma unroll
  for (int step = kWarpLanes / 2; step > 0; step /= 2) {
    const u64 other = shuffle_xor(key, step);
    key = other > key ? other : key;
  }
  return key;
}

/// The first `count` of the lane's values, -infinity for the others. Lanes read neighbouring
/// pieces: in vectors where a lane's piece is some, of which `count` is a multiple then.
template <int kScores>
__device__ __forceinline__ void load_scores(float (&values)[kScores], const float* from,
                                            int count) {
#pragma unroll
  for (int i = 0; i < kScores; ++i) values[i] = kMinusInfinity;
  if constexpr (kScores % 4 == 0) {
#pragma unroll
    for (int i = 0; i < kScores; i += 4) {
      if (i >= count) continue;
      const f32x4 four = ld_global_stream<f32x4>(from + i);
      values[i] = four.x;
      values[i + 1] = four.y;
      values[i + 2] = four.z;
      values[i + 3] = four.w;
    }
  } else {
#pragma unroll
    for (int i = 0; i < kScores; ++i) {
      if (i < count) values[i] = ld_global_nc<float>(from + i);
    }
  }
}

/// Scores in place of logits; lanes that hold no expert have -infinity, which becomes 0.
template <bool kSoftmax, int kScores>
__device__ __forceinline__ void score(float (&values)[kScores]) {
  if constexpr (kSoftmax) {
    float largest = values[0];
#pragma unroll
    for (int i = 1; i < kScores; ++i) largest = maximum(largest, values[i]);
    largest = lanes_max<kWarpLanes>(largest);
    float sum = 0;
#pragma unroll
    for (int i = 0; i < kScores; ++i) {
      values[i] = exp_of(values[i] - largest);
      sum += values[i];
    }
    const float inverse = reciprocal_approx(lanes_sum<kWarpLanes>(sum));
#pragma unroll
    for (int i = 0; i < kScores; ++i) values[i] *= inverse;
  } else {
#pragma unroll
    for (int i = 0; i < kScores; ++i) values[i] = reciprocal_approx(1.0F + exp_of(-values[i]));
  }
}

/// Whether the lane's group is among the best `top_groups` by the sum of its two largest scores.
template <int kScores>
__device__ __forceinline__ bool group_is_kept(const float (&biased)[kScores],
                                              const RouterArguments& a) {
  float best = kMinusInfinity;
  float second = kMinusInfinity;
#pragma unroll
  for (int i = 0; i < kScores; ++i) {
    second = maximum(second, minimum(best, biased[i]));
    best = maximum(best, biased[i]);
  }
#pragma unroll
  for (int step = 1; step < kWarpLanes; step *= 2) {
    const float other_best = shuffle_xor(best, step);
    const float other_second = shuffle_xor(second, step);
    if (step >= a.lanes_a_group) continue;
    second = maximum(minimum(best, other_best), maximum(second, other_second));
    best = maximum(best, other_best);
  }
  const float own = a.experts > a.groups ? best + second : best;
  const int group = lane_id() / a.lanes_a_group;
  int better = 0;
  for (int g = 0; g < a.groups; ++g) {
    const float other = shuffle(own, g * a.lanes_a_group);
    if (other > own || (other == own && g < group)) ++better;
  }
  return better < a.top_groups;
}

template <bool kSoftmax, int kScores>
__global__ void __launch_bounds__(kRouterWarps* kWarpLanes, 4) router(RouterArguments a) {
  const int group_size = a.experts / a.groups;
  const int group = lane_id() / a.lanes_a_group;
  const int within = lane_id() % a.lanes_a_group * kScores;
  const int first = group * group_size + within;
  const int stride = static_cast<int>(gridDim.x) * kRouterWarps;
  for (int token0 = static_cast<int>(blockIdx.x) * kRouterWarps; token0 < a.tokens;
       token0 += stride) {
    const int token = token0 + warp_id();
    const bool here = token < a.tokens;
    float scores[kScores];
    load_scores(scores, a.logits + i64{token} * a.experts + first, here ? group_size - within : 0);
    score<kSoftmax>(scores);
    float biased[kScores];
#pragma unroll
    for (int i = 0; i < kScores; ++i) {
      const bool real = within + i < group_size;
      const float bias = a.bias != nullptr && real ? ld_global_nc<float>(a.bias + first + i) : 0;
      biased[i] = real ? scores[i] + bias : kMinusInfinity;
    }
    const bool kept = a.top_groups == a.groups || group_is_kept(biased, a);

    // Round j finds the j-th best, which lane j then holds.
    int chosen = 0;
    float weight = 0;
    u32 taken = 0;
    for (int j = 0; j < a.top_k; ++j) {
      u64 own = 0;
      float own_score = 0;
#pragma unroll
      for (int i = 0; i < kScores; ++i) {
        const bool may = kept && within + i < group_size && (taken >> i & 1U) == 0;
        const u64 key = key_of(biased[i], first + i);
        if (may && key > own) {
          own = key;
          own_score = scores[i];
        }
      }
      const u64 best = warp_max(own);
      const int expert = index_of(best);
      const u32 holder = ballot(own == best);
      const float best_score = shuffle(own_score, 31 - __builtin_clz(holder));
      if (lane_id() == j) {
        chosen = expert;
        weight = best_score;
      }
      if (own == best) taken |= 1U << (expert - first);
    }
    const float total = lanes_sum<kWarpLanes>(weight) + 1e-20F;
    const float factor = a.normalized ? a.factor * reciprocal_approx(total) : a.factor;
    if (here && lane_id() < a.top_k) {
      const i64 at = i64{token} * a.top_k + lane_id();
      st_global(a.chosen + at, chosen);
      st_global(a.weights + at, weight * factor);
    }
  }
}

template <bool kSoftmax>
void (*router_of(int scores))(RouterArguments) {
  switch (scores) {
    case 1:
      return &router<kSoftmax, 1>;
    case 2:
      return &router<kSoftmax, 2>;
    case 3:
      return &router<kSoftmax, 3>;
    case 4:
      return &router<kSoftmax, 4>;
    case 8:
      return &router<kSoftmax, 8>;
    default:
      return nullptr;
  }
}

inline LaunchReport launch_router(Gpu& gpu, RouterArguments a, bool softmax, int sms) {
  const RouterPlan plan = plan_router(a.tokens, a.experts, a.groups, sms);
  a.lanes_a_group = plan.lanes_a_group;
  const auto kernel = softmax ? router_of<true>(plan.scores) : router_of<false>(plan.scores);
  if (kernel == nullptr || a.top_k > kWarpLanes) {
    return {.failure = "router: at most 32 choices, and 1, 2, 3, 4 or 8 scores a lane"};
  }
  if (plan.scores % 4 == 0 && a.experts / a.groups % 4 != 0) {
    return {.failure = "router: groups with 4 scores a lane or more must be a multiple of 4"};
  }
  if (a.tokens == 0) return {};
  const LaunchShape shape{.kernel = "router",
                          .grid = {static_cast<u32>(plan.grid)},
                          .block = {kRouterWarps * kWarpLanes}};
  return launch(gpu, kernel, shape, a);
}

}  // namespace windtunnel::device
