// What a kernel or transfer costs beside the other half of an overlapped pair, where a matrix of
// slow-downs was measured on its GPU and no trace of a pair says it.
#pragma once

#include <optional>

#include "simulator/hardware/price_book.h"
#include "simulator/model/layer_ops.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

/// `price`, of a launch with `sms` SMs, longer by what the matrix has for its class beside the
/// transfer that runs beside its phase; as it is where the trace answers for it (its classes carry
/// the pair's slow-down), where no experts are exchanged, and where the matrix lacks the pair.
Price beside_transfer(const PriceBook& book, const Scenario& scenario, const LayerOp& op, int sms,
                      const Price& price);

/// A transfer that takes `alone`, longer by the mean over the kernels that the matrix has beside
/// its class; nothing without any.
std::optional<Price> beside_compute(const PriceBook& book, const Scenario& scenario,
                                    const KernelShape& transfer, const Price& alone);

}  // namespace windtunnel
