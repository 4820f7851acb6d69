#include "kernels/device/model/fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define WT_FIBER_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WT_FIBER_ASAN
#endif
#endif
#if defined(WT_FIBER_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

// Elsewhere, or on request, the slower switch of POSIX.
#if !defined(__x86_64__)
#define WT_FIBER_UCONTEXT
#endif
#if defined(WT_FIBER_UCONTEXT)
#include <ucontext.h>
#endif

#if !defined(WT_FIBER_UCONTEXT)
// Saves what the System V ABI says a callee must keep, changes stacks, restores.
extern "C" void windtunnel_switch_stack(void** save, void* to);
asm(R"(
.text
.globl windtunnel_switch_stack
.type windtunnel_switch_stack,@function
windtunnel_switch_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp,(%rdi)
  movq %rsi,%rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size windtunnel_switch_stack,.-windtunnel_switch_stack
)");
#endif

namespace windtunnel::device::model {

namespace {

constexpr std::size_t kGuardBytes = 4096;
// A guard splits the mapping in two, and a process may hold some 65 000 mappings.
constexpr std::size_t kMostGuards = 8192;
// What a register holds that nobody set: a NaN, and a large number. Frames are wide under a
// sanitizer.
constexpr int kUnset = 0xff;
#if defined(WT_FIBER_ASAN)
constexpr std::size_t kUnsetBytes = 32768;
#else
constexpr std::size_t kUnsetBytes = 4096;
#endif

/// Makes the stack as good as new, whatever ran on it before.
void renew(char* stack, std::size_t bytes) {
#if defined(WT_FIBER_ASAN)
  __asan_unpoison_memory_region(stack, bytes);
#endif
  std::memset(stack + bytes - kUnsetBytes, kUnset, kUnsetBytes);
}

}  // namespace

void Stacks::release() {
  if (base_ != nullptr) munmap(base_, count_ * bytes_);
  base_ = nullptr;
}

void Stacks::reserve(std::size_t count, std::size_t bytes) {
  if (count <= count_ && bytes <= bytes_) return;
  release();
  count_ = count;
  bytes_ = bytes;
  void* memory = mmap(nullptr, count * bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    count_ = 0;
    throw std::bad_alloc();
  }
  base_ = static_cast<char*>(memory);
  for (std::size_t i = 0; i < count && count <= kMostGuards; ++i) {
    mprotect(at(i), kGuardBytes, PROT_NONE);
  }
}

#if !defined(WT_FIBER_UCONTEXT)

void prepare(Fiber& fiber, char* stack, std::size_t bytes, void (*entry)()) {
  renew(stack, bytes);
  fiber = Fiber{};
  fiber.stack = stack;
  fiber.stack_bytes = bytes;
  fiber.prepared = true;
  // Six registers, the entry, and a return address that nobody uses keeps the ABI's alignment.
  void** top = reinterpret_cast<void**>(stack + bytes - 64);
  *--top = nullptr;
  const auto address = reinterpret_cast<std::uintptr_t>(entry);
  std::memcpy(--top, &address, sizeof address);
  top -= 6;
  std::memset(top, 0, 6 * sizeof(void*));
  fiber.stack_pointer = top;
}

namespace {
void swap_stacks(Fiber& from, Fiber& to) {
  windtunnel_switch_stack(&from.stack_pointer, to.stack_pointer);
}
}  // namespace

#else

void prepare(Fiber& fiber, char* stack, std::size_t bytes, void (*entry)()) {
  renew(stack, bytes);
  fiber = Fiber{};
  fiber.stack = stack;
  fiber.stack_bytes = bytes;
  fiber.prepared = true;
  // The context lives at the stack's upper end.
  const std::size_t above = (sizeof(ucontext_t) + 127) / 64 * 64;
  auto* context = reinterpret_cast<ucontext_t*>(stack + bytes - above);
  getcontext(context);
  context->uc_stack.ss_sp = stack;
  context->uc_stack.ss_size = static_cast<std::size_t>(reinterpret_cast<char*>(context) - stack);
  context->uc_link = nullptr;
  makecontext(context, entry, 0);
  fiber.stack_pointer = context;
}

namespace {
void swap_stacks(Fiber& from, Fiber& to) {
  ucontext_t own;
  if (!from.prepared) from.stack_pointer = &own;
  swapcontext(static_cast<ucontext_t*>(from.stack_pointer),
              static_cast<ucontext_t*>(to.stack_pointer));
}
}  // namespace

#endif

#if defined(WT_FIBER_ASAN)

void switch_fiber(Fiber& from, Fiber& to, bool ends) {
  __sanitizer_start_switch_fiber(ends ? nullptr : &from.fake_stack, to.stack, to.stack_bytes);
  swap_stacks(from, to);
  __sanitizer_finish_switch_fiber(from.fake_stack, nullptr, nullptr);
}

void begin_fiber(Fiber& self, Fiber& from) {
  const void* stack = nullptr;
  __sanitizer_finish_switch_fiber(self.fake_stack, &stack, &from.stack_bytes);
  from.stack = static_cast<char*>(const_cast<void*>(stack));
}

#else

void switch_fiber(Fiber& from, Fiber& to, bool /*ends*/) { swap_stacks(from, to); }
void begin_fiber(Fiber& /*self*/, Fiber& /*from*/) {}

#endif

}  // namespace windtunnel::device::model
