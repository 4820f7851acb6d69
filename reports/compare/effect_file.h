// Which changes are too small to count, benchmark by benchmark.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace windtunnel {

/// Of benchmarks that match `benchmark`, where `*` stands for anything, changes below `minimum`
/// (0.05: 5 %) don't count.
struct MinimumEffect {
  std::string benchmark;
  double minimum;
  std::string reason;
};

/// A TOML file of [[effect]] tables; throws ConfigError with a place.
std::vector<MinimumEffect> load_effects(const std::filesystem::path& path);

/// That of the last one which matches `benchmark`, else `otherwise`.
double minimum_effect_of(const std::vector<MinimumEffect>& effects, const std::string& benchmark,
                         double otherwise);

}  // namespace windtunnel
