#include "simulator/hardware/price_book.h"

namespace windtunnel {

PriceBook load_price_book(const std::filesystem::path& root, const std::filesystem::path& own) {
  const std::vector<Gpu> gpus = load_gpus(root / "topologies/gpus");
  const std::filesystem::path measurements = root / "bench/measurements";
  PriceBook book{.tables = open_measurements(measurements, gpus),
                 .step = load_step_measurements(measurements / "h800/deepseek-profile-data", gpus)};
  if (!own.empty()) book.own = load_profiled_kernels(own, gpus);
  return book;
}

}  // namespace windtunnel
