// Vocabulary, model side: global memory through pointers into registered buffers.
#pragma once

#include <cstring>
#include <type_traits>

#include "kernels/device/model/where.h"
#include "kernels/device/scope.h"
#include "kernels/device/types.h"

namespace windtunnel::device {

namespace model {

const char* load_global(const void* data, u32 bytes, bool read_only, Where where);
char* store_global(void* data, u32 bytes, Where where);

/// The bytes behind a strong load, store or read-modify-write of 4 or 8 bytes; what the order
/// promises has been done.
const char* load_strong(const void* data, u32 bytes, Order order, Scope scope, Where where);
char* store_strong(void* data, u32 bytes, Order order, Scope scope, Where where);
char* update_strong(void* data, u32 bytes, Order order, Scope scope, Where where);
/// Tells who waits for a flag that it has changed.
void stored_strong(const void* data, u32 bytes);
/// Suspends the thread until somebody stores to `flag`.
void wait_for_store(const void* flag);
void fence(Scope scope, Where where);
void await_grid_dependency(Where where);

template <typename T>
T value_at(const char* memory) {
  T value;
  std::memcpy(&value, memory, sizeof value);
  return value;
}

/// Replaces the value at `data` by `change(value)`; the value before.
template <typename T, typename Change>
T update(T* data, Order order, Scope scope, Where where, Change change) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  char* memory = update_strong(data, sizeof(T), order, scope, where);
  const T before = value_at<T>(memory);
  const T after = change(before);
  std::memcpy(memory, &after, sizeof after);
  stored_strong(data, sizeof(T));
  return before;
}

template <typename T, typename Reached>
T wait_until(const T* flag, Scope scope, Where where, Reached reached) {
  for (;;) {
    // The order is made by the load that sees the value, as on the device.
    const T value = value_at<T>(load_strong(flag, sizeof(T), Order::kAcquire, scope, where));
    if (reached(value)) return value;
    wait_for_store(flag);
  }
}

}  // namespace model

/// A weak load of T, whose size is also its alignment (1 to 16 bytes).
template <typename T>
T ld_global(const void* data, model::Where where = {}) {
  static_assert(std::is_trivially_copyable_v<T>);
  return model::value_at<T>(model::load_global(data, sizeof(T), false, where));
}

/// Through the read-only path: nobody may write the bytes during the launch.
template <typename T>
T ld_global_nc(const void* data, model::Where where = {}) {
  return model::value_at<T>(model::load_global(data, sizeof(T), true, where));
}

/// The same, and not kept in L1: for data that is read once.
template <typename T>
T ld_global_stream(const void* data, model::Where where = {}) {
  return model::value_at<T>(model::load_global(data, sizeof(T), true, where));
}

template <typename T>
void st_global(void* data, T value, model::Where where = {}) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::memcpy(model::store_global(data, sizeof(T), where), &value, sizeof(T));
}

/// A store that is not kept in L1.
template <typename T>
void st_global_stream(void* data, T value, model::Where where = {}) {
  std::memcpy(model::store_global(data, sizeof(T), where), &value, sizeof(T));
}

template <Scope kScope, typename T>
T ld_relaxed(const T* data, model::Where where = {}) {
  return model::value_at<T>(model::load_strong(data, sizeof(T), Order::kRelaxed, kScope, where));
}
template <Scope kScope, typename T>
T ld_acquire(const T* data, model::Where where = {}) {
  return model::value_at<T>(model::load_strong(data, sizeof(T), Order::kAcquire, kScope, where));
}

template <Scope kScope, typename T>
void st_relaxed(T* data, std::type_identity_t<T> value, model::Where where = {}) {
  std::memcpy(model::store_strong(data, sizeof(T), Order::kRelaxed, kScope, where), &value,
              sizeof(T));
  model::stored_strong(data, sizeof(T));
}
template <Scope kScope, typename T>
void st_release(T* data, std::type_identity_t<T> value, model::Where where = {}) {
  std::memcpy(model::store_strong(data, sizeof(T), Order::kRelease, kScope, where), &value,
              sizeof(T));
  model::stored_strong(data, sizeof(T));
}

/// Adds to a u32, u64, int or float; the value before.
template <Order kOrder, Scope kScope, typename T>
T atomic_add(T* data, std::type_identity_t<T> value, model::Where where = {}) {
  return model::update(data, kOrder, kScope, where,
                       [&](T before) { return static_cast<T>(before + value); });
}
template <Order kOrder, Scope kScope, typename T>
void red_add(T* data, std::type_identity_t<T> value, model::Where where = {}) {
  static_assert(kOrder == Order::kRelaxed || kOrder == Order::kRelease,
                "a reduction returns nothing, so it can't acquire");
  model::update(data, kOrder, kScope, where,
                [&](T before) { return static_cast<T>(before + value); });
}
template <Order kOrder, Scope kScope, typename T>
T atomic_exchange(T* data, std::type_identity_t<T> value, model::Where where = {}) {
  return model::update(data, kOrder, kScope, where, [&](T) { return value; });
}
/// Stores `value` where `expected` stands; what stood there.
template <Order kOrder, Scope kScope, typename T>
T atomic_compare_exchange(T* data, std::type_identity_t<T> expected, std::type_identity_t<T> value,
                          model::Where where = {}) {
  return model::update(data, kOrder, kScope, where,
                       [&](T before) { return before == expected ? value : before; });
}
template <Order kOrder, Scope kScope, typename T>
T atomic_max(T* data, std::type_identity_t<T> value, model::Where where = {}) {
  return model::update(data, kOrder, kScope, where,
                       [&](T before) { return before < value ? value : before; });
}

/// fence.acq_rel: what the thread saw before it, whoever acquires a later store of it sees too.
template <Scope kScope>
void fence(model::Where where = {}) {
  model::fence(kScope, where);
}

/// Waits, acquiring, until the flag equals `value`; on the device a loop.
template <Scope kScope, typename T>
void wait_flag_equal(const T* flag, std::type_identity_t<T> value, model::Where where = {}) {
  model::wait_until(flag, kScope, where, [&](T it) { return it == value; });
}
/// Waits, acquiring, until the flag is at least `value`; what it is then.
template <Scope kScope, typename T>
T wait_flag_at_least(const T* flag, std::type_identity_t<T> value, model::Where where = {}) {
  return model::wait_until(flag, kScope, where, [&](T it) { return it >= value; });
}

/// Waits for the grid that this one was launched behind (griddepcontrol.wait).
inline void grid_dependency_wait(model::Where where = {}) { model::await_grid_dependency(where); }
/// Lets the grid behind this one start (griddepcontrol.launch_dependents).
inline void grid_dependency_launch() {}

}  // namespace windtunnel::device
