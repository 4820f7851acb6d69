#include "simulator/hardware/gemm_price.h"

#include <string>

#include "simulator/hardware/shape_price.h"

namespace windtunnel {

Price gemm_price(const MeasurementStore& store, const Gpu& gpu, std::string_view dtype,
                 std::int64_t m, std::int64_t n, std::int64_t k) {
  const std::vector<double> axes = {static_cast<double>(m), static_cast<double>(n),
                                    static_cast<double>(k)};
  return known_shape_prices(store, "gemm", gpu, {std::string(dtype)}, axes).front();
}

}  // namespace windtunnel
