#include "simulator/hardware/gpu.h"

#include <algorithm>
#include <cctype>

namespace windtunnel {

const Gpu* find_gpu(const std::vector<Gpu>& gpus, std::string_view id) {
  std::string lower(id);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto found =
      std::find_if(gpus.begin(), gpus.end(), [&](const Gpu& gpu) { return gpu.id == lower; });
  return found == gpus.end() ? nullptr : &*found;
}

}  // namespace windtunnel
