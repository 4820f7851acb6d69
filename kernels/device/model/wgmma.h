// Vocabulary, model side: the asynchronous matrix products of a warpgroup (sm_90a).
#pragma once

#include <initializer_list>

#include "kernels/device/layout.h"
#include "kernels/device/model/where.h"
#include "kernels/device/types.h"

namespace windtunnel::device {

namespace model {

struct WgmmaCall {
  int n;
  int element;
  bool a_k_major;
  bool b_k_major;
  float* accumulator;
  /// Null where A lies in shared memory.
  const u32* a_registers;
  u64 a;
  u64 b;
  bool accumulate;
};
void issue_wgmma(const WgmmaCall& call, Where where);

struct Named {
  float* registers;
  int count;
};
void await_wgmma(u32 pending, std::initializer_list<Named> named, Where where);

constexpr bool is_wgmma_n(int n) { return n >= 8 && n <= 256 && n % 8 == 0; }

}  // namespace model

/// Comes before the first wgmma of a chain: orders what the threads did to registers.
void wgmma_fence(model::Where where = {});
void wgmma_commit(model::Where where = {});

/// d[64, kN] (+)= a[64, 16] b[16, kN], BF16 from shared memory; without `accumulate` d is set. The
/// accumulator belongs to the wgmma until a wgmma_wait that names it.
template <int kN, Major kA = Major::kK, Major kB = Major::kK>
void wgmma_bf16(float (&d)[kN / 2], u64 a, u64 b, bool accumulate, model::Where where = {}) {
  static_assert(model::is_wgmma_n(kN));
  model::issue_wgmma({kN, 2, kA == Major::kK, kB == Major::kK, d, nullptr, a, b, accumulate},
                     where);
}
/// The same with A in registers.
template <int kN, Major kB = Major::kK>
void wgmma_bf16_rs(float (&d)[kN / 2], const u32 (&a)[4], u64 b, bool accumulate,
                   model::Where where = {}) {
  static_assert(model::is_wgmma_n(kN));
  model::issue_wgmma({kN, 2, true, kB == Major::kK, d, a, 0, b, accumulate}, where);
}
/// d[64, kN] (+)= a[64, 32] b[32, kN], E4M3, both K-major.
template <int kN>
void wgmma_e4m3(float (&d)[kN / 2], u64 a, u64 b, bool accumulate, model::Where where = {}) {
  static_assert(model::is_wgmma_n(kN));
  model::issue_wgmma({kN, 1, true, true, d, nullptr, a, b, accumulate}, where);
}
template <int kN>
void wgmma_e4m3_rs(float (&d)[kN / 2], const u32 (&a)[4], u64 b, bool accumulate,
                   model::Where where = {}) {
  static_assert(model::is_wgmma_n(kN));
  model::issue_wgmma({kN, 1, true, true, d, a, 0, b, accumulate}, where);
}

/// Waits until at most kPending committed groups are in flight. Must name the accumulators that
/// this completes: on the device that is what keeps their reads behind it.
template <int kPending>
void wgmma_wait(model::Where where = {}) {
  model::await_wgmma(kPending, {}, where);
}
template <int kPending, int kA>
void wgmma_wait(float (&a)[kA], model::Where where = {}) {
  model::await_wgmma(kPending, {{a, kA}}, where);
}
template <int kPending, int kA, int kB>
void wgmma_wait(float (&a)[kA], float (&b)[kB], model::Where where = {}) {
  model::await_wgmma(kPending, {{a, kA}, {b, kB}}, where);
}
template <int kPending, int kA, int kB, int kC>
void wgmma_wait(float (&a)[kA], float (&b)[kB], float (&c)[kC], model::Where where = {}) {
  model::await_wgmma(kPending, {{a, kA}, {b, kB}, {c, kC}}, where);
}
template <int kPending, int kA, int kB, int kC, int kD>
void wgmma_wait(float (&a)[kA], float (&b)[kB], float (&c)[kC], float (&d)[kD],
                model::Where where = {}) {
  model::await_wgmma(kPending, {{a, kA}, {b, kB}, {c, kC}, {d, kD}}, where);
}

}  // namespace windtunnel::device
