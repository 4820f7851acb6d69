#include "simulator/hardware/gpu.h"

#include <algorithm>

#include "simulator/base/lower_case.h"

namespace windtunnel {

const Gpu* find_gpu(const std::vector<Gpu>& gpus, std::string_view id) {
  const std::string lower = lower_case(id);
  const auto found =
      std::find_if(gpus.begin(), gpus.end(), [&](const Gpu& gpu) { return gpu.id == lower; });
  return found == gpus.end() ? nullptr : &*found;
}

}  // namespace windtunnel
