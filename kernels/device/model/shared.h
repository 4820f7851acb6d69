// Vocabulary, model side: shared memory through 32-bit addresses.
#pragma once

#include <cstring>
#include <type_traits>

#include "kernels/device/model/where.h"
#include "kernels/device/types.h"

namespace windtunnel::device {

namespace model {

/// The bytes behind a checked load or store of the running thread.
const char* load_shared(u32 address, u32 bytes, Where where);
char* store_shared(u32 address, u32 bytes, Where where);
/// The same for an atomic of 4 bytes.
char* update_shared(u32 address, Where where);

}  // namespace model

/// Where the CTA's shared memory begins: aligned to 16 bytes, to no more.
u32 shared_base();

template <typename T>
T ld_shared(u32 address, model::Where where = {}) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, model::load_shared(address, sizeof(T), where), sizeof(T));
  return value;
}

template <typename T>
void st_shared(u32 address, T value, model::Where where = {}) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::memcpy(model::store_shared(address, sizeof(T), where), &value, sizeof(T));
}

/// Adds at CTA scope without an order; the value before.
template <typename T>
T atomic_add_shared(u32 address, T value, model::Where where = {}) {
  static_assert(sizeof(T) == 4);
  char* memory = model::update_shared(address, where);
  T before;
  std::memcpy(&before, memory, sizeof(T));
  const T after = before + value;
  std::memcpy(memory, &after, sizeof(T));
  return before;
}

}  // namespace windtunnel::device
