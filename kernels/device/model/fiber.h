// Fibers: each CUDA thread has a stack of its own, and the scheduler switches between them.
#pragma once

#include <cstddef>

namespace windtunnel::device::model {

/// Stacks for many fibers in one reservation; pages appear when touched.
class Stacks {
 public:
  Stacks() = default;
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;
  ~Stacks() { release(); }

  /// Makes room for `count` stacks of `bytes` each; throws std::bad_alloc.
  void reserve(std::size_t count, std::size_t bytes);
  /// The lowest address of stack `index`.
  char* at(std::size_t index) const { return base_ + index * bytes_; }
  std::size_t bytes() const { return bytes_; }

 private:
  void release();

  char* base_ = nullptr;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

/// A suspended flow of control.
struct Fiber {
  void* stack_pointer = nullptr;
  char* stack = nullptr;
  std::size_t stack_bytes = 0;
  /// AddressSanitizer's own stack of this fiber.
  void* fake_stack = nullptr;
  /// By prepare(); false for the thread that schedules.
  bool prepared = false;
};

/// Prepares `fiber` so that the first switch to it calls `entry`, which must not return.
void prepare(Fiber& fiber, char* stack, std::size_t bytes, void (*entry)());

/// Suspends `from` and continues `to`; `ends` when `from` will never run again.
void switch_fiber(Fiber& from, Fiber& to, bool ends = false);

/// The first thing `entry` does: tells AddressSanitizer that the switch to `self` is complete, and
/// learns the bounds of the stack that it came from.
void begin_fiber(Fiber& self, Fiber& from);

}  // namespace windtunnel::device::model
