// One kind of GPU: what its data sheet says, and which other GPUs run a kernel in the same time.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/base/fields.h"
#include "simulator/base/source.h"

namespace windtunnel {

/// A GPU whose single-GPU kernel times carry over, since only what `differs` says differs.
struct Sibling {
  std::string id;
  std::string differs;
  std::string source;

  bool operator==(const Sibling&) const = default;
};

/// Dense peaks, memory and links of one GPU; every rate of a link is of one direction. `id` is the
/// name on the command line and of its folder of measurements.
struct Gpu {
  std::string id;
  std::string name;
  std::string source;
  std::string status;  ///< how well the numbers are known
  int sms;
  FlopsPerSecond bf16_peak;
  std::optional<FlopsPerSecond> fp8_peak;  ///< none: no FP8 tensor cores
  FlopsPerSecond fp32_peak;
  Bytes memory;
  BytesPerSecond memory_rate;
  Bytes l2;
  BytesPerSecond nvlink;  ///< sum of a GPU's links
  std::vector<Sibling> siblings;

  bool operator==(const Gpu&) const = default;
};

/// GPUs that run a kernel in the same time but for what their memories and links do.
inline bool same_chip(const Gpu& a, const Gpu& b) {
  return a.sms == b.sms && a.bf16_peak == b.bf16_peak && a.fp8_peak == b.fp8_peak;
}

const Fields<Gpu>& gpu_fields();

/// Reads a GPU file; throws ConfigError, for an unreadable file at `named_at`.
Gpu load_gpu(const std::filesystem::path& file, const Source& named_at);

/// All GPUs of a folder, by file name; throws ConfigError, also for an id that two files have and
/// for a sibling that none has.
std::vector<Gpu> load_gpus(const std::filesystem::path& folder);

/// The GPU called `id` in any case, or null.
const Gpu* find_gpu(const std::vector<Gpu>& gpus, std::string_view id);

}  // namespace windtunnel
