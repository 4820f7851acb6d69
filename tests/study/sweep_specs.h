// Specifications in a folder of their own, of the shipped scenarios.
#pragma once

#include <string>

#include "simulator/study/sweep_spec.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {

/// `text` below the scenario, a file of `scenarios/`.
inline std::string spec_text(const std::string& scenario, const std::string& text) {
  return "scenario = \"" + std::filesystem::absolute("scenarios/" + scenario).string() + "\"\n" +
         text;
}

inline SweepSpec spec_of(const TemporaryFolder& folder, const std::string& text,
                         const std::string& scenario = "gpt/a100-node.toml") {
  return load_sweep(folder.write("sweep.toml", spec_text(scenario, text)));
}

}  // namespace windtunnel
