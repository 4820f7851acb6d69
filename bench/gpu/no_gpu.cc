#include "bench/device.h"

namespace windtunnel::bench {

std::optional<GpuDevice> open_gpu(std::string& why) {
  why = "built without CUDA (no nvcc was found)";
  return std::nullopt;
}

}  // namespace windtunnel::bench
