// The shipped deployments, as tests load and change them.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "simulator/workload/memory.h"
#include "simulator/workload/serving/scenario.h"
#include "tests/base/message.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {

inline ServingScenario deployment(const std::string& name,
                                  const std::vector<Override>& overrides = {}) {
  return load_serving("scenarios/" + name + ".toml", overrides);
}

/// The message and what would be accepted, without the place and the line.
inline std::string refused(const std::string& name, const std::vector<Override>& overrides) {
  const std::string text = message_of([&] { deployment(name, overrides); });
  const std::size_t error = text.find("error: ");
  if (error == std::string::npos) return text;
  const std::size_t accepted = text.find("  accepted: ");
  return text.substr(error + 7, text.find('\n', error) - error - 7) + " | " +
         (accepted == std::string::npos ? "" : text.substr(accepted + 12));
}

/// V3 on 8 H200 in FP8, one tensor-parallel group.
inline ServingScenario v3_on_h200(const std::vector<Override>& overrides = {}) {
  return deployment("deepseek-v3/serve-h200", overrides);
}

/// V3 of the report: prompts on 32 H800, decoding on 320.
inline ServingScenario v3_units(const std::vector<Override>& overrides = {}) {
  return deployment("deepseek-v3/serve-units", overrides);
}

/// The smallest dense model on one A100.
inline ServingScenario qwen_on_a100(const std::vector<Override>& overrides = {}) {
  return deployment("r1-distill/serve-qwen-1.5b", overrides);
}

/// The bytes of a ledger's part.
inline double part_bytes(const std::vector<MemoryPart>& parts, const std::string& name) {
  for (const MemoryPart& part : parts) {
    if (part.name == name) return part.bytes.value;
  }
  throw std::logic_error("no " + name);
}

inline double all_bytes(const std::vector<MemoryPart>& parts) {
  double bytes = 0;
  for (const MemoryPart& part : parts) bytes += part.bytes.value;
  return bytes;
}

}  // namespace windtunnel
