#include "bench/harness/result.h"

#include <array>

namespace windtunnel::bench {

std::string code_of(const Run& run, const Case& item) {
  return item.implementation == "windtunnel" ? run.code : "";
}

std::string gpu_id(std::string_view device) {
  struct Name {
    std::string_view word;
    std::string_view id;
  };
  // A GH200 or an H200 NVL is another GPU than the SXM module that the ids stand for.
  constexpr std::array kNames = {Name{"A100-SXM", "a100"}, Name{"A800-SXM", "a800"},
                                 Name{"H100 80GB HBM3", "h100"}, Name{"H800", "h800"},
                                 Name{"H200", "h200"}};
  for (const std::string_view other : {"GH200", "PCIe", "NVL"}) {
    if (device.find(other) != std::string_view::npos) return "";
  }
  for (const Name& name : kNames) {
    if (device.find(name.word) != std::string_view::npos) return std::string(name.id);
  }
  return "";
}

}  // namespace windtunnel::bench
