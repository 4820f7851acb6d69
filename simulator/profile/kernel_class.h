// What a kernel of a profile does, by its name.
#pragma once

#include <cstdint>
#include <string_view>

namespace windtunnel {

enum class KernelClass : std::uint8_t { kCompute, kCommunication, kMemory };

/// Communication: NCCL, RCCL and HCCL kernels, as Holistic Trace Analysis tells them, and those of
/// DeepEP and NVSHMEM, which it takes for compute. Memory: copies and fills of the driver. The rest
/// computes.
KernelClass kernel_class(std::string_view name);

/// `compute`, `communication`, `memory`.
std::string_view class_name(KernelClass kind);

}  // namespace windtunnel
