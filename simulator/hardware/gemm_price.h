// A dense matrix product standing alone.
#pragma once

#include <cstdint>
#include <string_view>

#include "simulator/hardware/measurement_store.h"
#include "simulator/hardware/price.h"

namespace windtunnel {

/// C[m, n] = A[m, k] B[k, n] on `gpu`; `dtype` as in the gemm tables (bfloat16, fp8_block). Throws
/// std::invalid_argument where neither the GPU nor a sibling has measurements of that type.
Price gemm_price(const MeasurementStore& store, const Gpu& gpu, std::string_view dtype,
                 std::int64_t m, std::int64_t n, std::int64_t k);

}  // namespace windtunnel
