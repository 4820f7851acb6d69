#include <fmt/format.h>

#include <algorithm>

#include "simulator/base/error.h"
#include "simulator/base/suggestion.h"
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

/// Each GPU has a name of its own, and its siblings exist; `roots` are the files of `gpus`.
void check_ids(const std::vector<Gpu>& gpus, const std::vector<Node>& roots) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    const auto first = std::find(ids.begin(), ids.end(), gpus[i].id);
    if (first != ids.end()) {
      const auto other = static_cast<std::size_t>(first - ids.begin());
      throw ConfigError(source_of(roots[i], "id"),
                        fmt::format("another GPU is called `{}`", gpus[i].id), "a name of its own",
                        {{"the other one", source_of(roots[other], "id")}});
    }
    ids.push_back(gpus[i].id);
  }
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    for (std::size_t s = 0; s < gpus[i].siblings.size(); ++s) {
      const std::string& id = gpus[i].siblings[s].id;
      if (find_gpu(gpus, id) != nullptr) continue;
      throw ConfigError(source_of(roots[i], fmt::format("siblings.{}.id", s)),
                        fmt::format("no GPU is called `{}`{}", id, did_you_mean(id, ids)),
                        fmt::format("{}", fmt::join(ids, ", ")));
    }
  }
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
  std::vector<Node> roots;
  for (const auto& file : files) {
    roots.push_back(load_toml(file));
    gpus.push_back(decode(gpu_fields(), roots.back()));
  }
  check_ids(gpus, roots);
  return gpus;
}

}  // namespace windtunnel
