// Vocabulary, model side: what the lanes of a warp do together.
#pragma once

#include <cstring>
#include <type_traits>

#include "kernels/device/model/where.h"
#include "kernels/device/types.h"

namespace windtunnel::device {

namespace model {

enum class Shuffle { kIndex, kXor, kUp, kDown };
enum class Vote { kAny, kAll, kBallot };

u64 shuffle_bits(u64 bits, Shuffle mode, u32 operand, u32 width, u32 mask, Where where);
u32 vote(Vote mode, bool predicate, u32 mask, Where where);
void set_registers(u32 count, bool more, Where where);

template <typename T>
T shuffle(T value, Shuffle mode, u32 operand, u32 width, u32 mask, Where where) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(u64));
  u64 bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = shuffle_bits(bits, mode, operand, width, mask, where);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace model

inline int lane_id() { return static_cast<int>(threadIdx.x % 32); }
inline int warp_id() { return static_cast<int>(threadIdx.x / 32); }

void syncwarp(u32 mask = 0xffffffffU, model::Where where = {});

template <typename T>
T shuffle(T value, int lane, int width = 32, u32 mask = 0xffffffffU, model::Where where = {}) {
  return model::shuffle(value, model::Shuffle::kIndex, static_cast<u32>(lane),
                        static_cast<u32>(width), mask, where);
}
template <typename T>
T shuffle_xor(T value, int lanes, int width = 32, u32 mask = 0xffffffffU, model::Where where = {}) {
  return model::shuffle(value, model::Shuffle::kXor, static_cast<u32>(lanes),
                        static_cast<u32>(width), mask, where);
}
template <typename T>
T shuffle_up(T value, int lanes, int width = 32, u32 mask = 0xffffffffU, model::Where where = {}) {
  return model::shuffle(value, model::Shuffle::kUp, static_cast<u32>(lanes),
                        static_cast<u32>(width), mask, where);
}
template <typename T>
T shuffle_down(T value, int lanes, int width = 32, u32 mask = 0xffffffffU,
               model::Where where = {}) {
  return model::shuffle(value, model::Shuffle::kDown, static_cast<u32>(lanes),
                        static_cast<u32>(width), mask, where);
}

inline bool any(bool predicate, u32 mask = 0xffffffffU, model::Where where = {}) {
  return model::vote(model::Vote::kAny, predicate, mask, where) != 0;
}
inline bool all(bool predicate, u32 mask = 0xffffffffU, model::Where where = {}) {
  return model::vote(model::Vote::kAll, predicate, mask, where) != 0;
}
inline u32 ballot(bool predicate, u32 mask = 0xffffffffU, model::Where where = {}) {
  return model::vote(model::Vote::kBallot, predicate, mask, where);
}

bool elect(model::Where where = {});

template <int N>
void setmaxnreg_inc(model::Where where = {}) {
  static_assert(N % 8 == 0 && N >= 24 && N <= 256);
  model::set_registers(N, true, where);
}
template <int N>
void setmaxnreg_dec(model::Where where = {}) {
  static_assert(N % 8 == 0 && N >= 24 && N <= 256);
  model::set_registers(N, false, where);
}

}  // namespace windtunnel::device
