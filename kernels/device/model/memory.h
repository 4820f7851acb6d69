// Global memory of the model: every buffer a kernel may touch, with its shadow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "kernels/device/model/shadow.h"

namespace windtunnel::device::model {

/// A buffer: memory that belongs to nobody lies around it, so running off its end is seen.
struct Allocation {
  std::string name;
  char* data = nullptr;
  std::size_t bytes = 0;
  std::unique_ptr<Shadow> shadow;
};

/// All buffers of one model.
class Memory {
 public:
  explicit Memory(Shadow::Rules rules) : rules_{rules} {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory();

  /// New undefined memory, aligned to 256 bytes like cudaMalloc's.
  Allocation& allocate(std::size_t bytes, std::string name);
  void free(char* data);
  /// The buffer that holds [data, data + bytes), or null.
  Allocation* find(const void* data, std::size_t bytes);
  /// Where `data` lies, for messages: "C + 64".
  std::string place(const void* data) const;

 private:
  Shadow::Rules rules_;
  std::map<std::uintptr_t, Allocation> allocations_;
  Allocation* last_ = nullptr;
};

}  // namespace windtunnel::device::model
