#include <algorithm>

#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"
#include "simulator/hardware/gpu.h"

namespace windtunnel {
namespace {

Fields<Sibling> sibling_fields() {
  return Fields<Sibling>("sibling")
      .required("id", &Sibling::id, "another GPU, by its id")
      .required("differs", &Sibling::differs, "what differs; everything else is the same")
      .required("source", &Sibling::source, "where that is from");
}

Fields<Gpu> make_fields() {
  const Range peak = between(FlopsPerSecond{1e12}, FlopsPerSecond{1e17});
  const Range rate = between(BytesPerSecond{1e9}, BytesPerSecond{1e14});
  return Fields<Gpu>("gpu")
      .required("id", &Gpu::id, "name on the command line and of the measurements' folder")
      .required("name", &Gpu::name, "shown to people")
      .required("source", &Gpu::source, "where the numbers are from")
      .required("status", &Gpu::status, "how well the numbers are known")
      .required("sms", &Gpu::sms, between(1, 1024), "streaming multiprocessors")
      .required("bf16_peak", &Gpu::bf16_peak, peak, "dense BF16 tensor peak")
      .optional("fp8_peak", &Gpu::fp8_peak, peak, "dense FP8 tensor peak, none if left out")
      .required("fp32_peak", &Gpu::fp32_peak, peak, "FP32 peak outside the tensor cores")
      .required("memory", &Gpu::memory, between(Bytes{1e9}, Bytes{1e13}), "memory of one GPU")
      .required("memory_rate", &Gpu::memory_rate, rate, "memory bandwidth")
      .required("l2", &Gpu::l2, between(Bytes{1e6}, Bytes{1e10}), "L2 cache")
      .required("nvlink", &Gpu::nvlink, rate, "NVLink of one GPU, one direction")
      .custom("siblings", &Gpu::siblings, sibling_fields().form(), false,
              "GPUs whose single-GPU kernel times carry over, best first");
}

}  // namespace

const Fields<Gpu>& gpu_fields() {
  static const Fields<Gpu> fields = make_fields();
  return fields;
}

Gpu load_gpu(const std::filesystem::path& file, const Source& named_at) {
  return decode(gpu_fields(), load_toml(file, named_at));
}

std::vector<Gpu> load_gpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  if (files.empty()) throw UsageError("no GPU files in " + folder.string());
  std::sort(files.begin(), files.end());
  std::vector<Gpu> gpus;
  for (const auto& file : files) gpus.push_back(decode(gpu_fields(), load_toml(file)));
  return gpus;
}

}  // namespace windtunnel
