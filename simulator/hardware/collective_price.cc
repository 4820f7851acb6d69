#include "simulator/hardware/collective_price.h"

#include <string>

#include "simulator/hardware/shape_price.h"

namespace windtunnel {

Price collective_price(const MeasurementStore& store, const Gpu& gpu, std::string_view op,
                       int ranks, Bytes bytes) {
  constexpr double kBytesPerElement = 2;
  const std::vector<double> axes = {static_cast<double>(ranks), bytes.value / kBytesPerElement};
  return known_shape_prices(store, "nccl", gpu, {std::string(op), "half"}, axes).front();
}

}  // namespace windtunnel
