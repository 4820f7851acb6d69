#include "kernels/device/model/memory.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "kernels/device/model/text.h"

namespace windtunnel::device::model {

namespace {

constexpr std::size_t kAlignment = 256;
// A NaN in every type, so that a value used although it is undefined shows.
constexpr int kUndefined = 0xff;

std::uintptr_t number(const void* data) { return reinterpret_cast<std::uintptr_t>(data); }

}  // namespace

Memory::~Memory() {
  for (auto& [at, allocation] : allocations_) std::free(allocation.data - kAlignment);
}

Allocation& Memory::allocate(std::size_t bytes, std::string name) {
  const std::size_t padded = (bytes + kAlignment - 1) / kAlignment * kAlignment + 2 * kAlignment;
  char* memory = static_cast<char*>(std::aligned_alloc(kAlignment, padded));
  if (memory == nullptr) throw std::bad_alloc();
  std::memset(memory, kUndefined, padded);
  char* data = memory + kAlignment;
  Allocation& made = allocations_[number(data)];
  made = {std::move(name), data, bytes, std::make_unique<Shadow>(bytes, rules_)};
  return made;
}

void Memory::free(char* data) {
  last_ = nullptr;
  if (allocations_.erase(number(data)) != 0) std::free(data - kAlignment);
}

Allocation* Memory::find(const void* data, std::size_t bytes) {
  const auto holds = [&](const Allocation& it) {
    return number(data) >= number(it.data) && number(data) + bytes <= number(it.data) + it.bytes;
  };
  if (last_ != nullptr && holds(*last_)) return last_;
  auto after = allocations_.upper_bound(number(data));
  if (after == allocations_.begin()) return nullptr;
  Allocation& candidate = (--after)->second;
  if (!holds(candidate)) return nullptr;
  last_ = &candidate;
  return last_;
}

std::string Memory::place(const void* data) const {
  auto after = allocations_.upper_bound(number(data));
  if (after == allocations_.begin()) return "an address before every buffer";
  const Allocation& it = (--after)->second;
  return text(it.name, " + ", number(data) - number(it.data), " (of ", it.bytes, " bytes)");
}

}  // namespace windtunnel::device::model
