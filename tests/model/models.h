// Architectures for tests: those that are shipped.
#pragma once

#include <string>

#include "simulator/model/architecture.h"

namespace windtunnel {

inline Architecture shipped(const std::string& name) {
  return load_architecture("scenarios/models/" + name + ".toml", {});
}

inline Architecture deepseek_v3() { return shipped("deepseek-v3"); }
inline Architecture deepseek_v2() { return shipped("deepseek-v2"); }
inline Architecture deepseek_v2_lite() { return shipped("deepseek-v2-lite"); }
/// Grouped-query attention, dense layers only.
inline Architecture llama_8b() { return shipped("r1-distill-llama-8b"); }

}  // namespace windtunnel
