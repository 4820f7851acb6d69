#include "simulator/profile/kernel_class.h"

#include <algorithm>
#include <array>

namespace windtunnel {

KernelClass kernel_class(std::string_view name) {
  constexpr std::array<std::string_view, 5> kBegins = {"nccl", "hccl", "rccl", "nvshmem", "nccl:"};
  constexpr std::array<std::string_view, 6> kHolds = {
      "ncclKernel", "ncclDevKernel", "rcclGenericKernel", "dpsk::ep::", "deep_ep::", "nvshmemi_"};
  constexpr std::array<std::string_view, 3> kMemory = {"Memcpy", "Memset", "dma"};
  const auto begins = [&](std::string_view text) { return name.starts_with(text); };
  const auto holds = [&](std::string_view text) {
    return name.find(text) != std::string_view::npos;
  };
  if (std::any_of(kBegins.begin(), kBegins.end(), begins) ||
      std::any_of(kHolds.begin(), kHolds.end(), holds)) {
    return KernelClass::kCommunication;
  }
  return std::any_of(kMemory.begin(), kMemory.end(), begins) ? KernelClass::kMemory
                                                             : KernelClass::kCompute;
}

std::string_view class_name(KernelClass kind) {
  return kind == KernelClass::kCompute         ? "compute"
         : kind == KernelClass::kCommunication ? "communication"
                                               : "memory";
}

}  // namespace windtunnel
