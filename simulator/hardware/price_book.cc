#include "simulator/hardware/price_book.h"

#include <fmt/format.h>

#include <stdexcept>

#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"

namespace windtunnel {

PriceBook load_price_book(const std::filesystem::path& root) {
  const std::vector<Gpu> gpus = load_gpus(root / "topologies/gpus");
  const std::filesystem::path measurements = root / "bench/measurements";
  const std::filesystem::path profile = measurements / "h800/deepseek-profile-data";
  try {
    return {.tables = open_measurements(measurements, gpus),
            .step = load_step_measurements(profile, gpus)};
  } catch (const std::invalid_argument& error) {
    // A profile that parses but cannot price: without kernels, or of a GPU that lacks a peak.
    const std::filesystem::path file = profile / "manifest.toml";
    throw ConfigError(load_toml(file).source,
                      fmt::format("the profile cannot price a step: {}", error.what()),
                      "a profile with timed kernels of a GPU with the peaks they need");
  }
}

}  // namespace windtunnel
