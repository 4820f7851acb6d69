#include "simulator/hardware/price_book.h"

namespace windtunnel {

PriceBook load_price_book(const std::filesystem::path& root) {
  const std::vector<Gpu> gpus = load_gpus(root / "topologies/gpus");
  const std::filesystem::path measurements = root / "bench/measurements";
  return {.tables = open_measurements(measurements, gpus),
          .step = load_step_measurements(measurements / "h800/deepseek-profile-data", gpus)};
}

}  // namespace windtunnel
