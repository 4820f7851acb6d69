// The one place that decides which measurement answers for a kernel or transfer of a training step.
#pragma once

#include <string>
#include <vector>

#include "simulator/hardware/price_book.h"
#include "simulator/model/layer_ops.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

/// Two settings of a kernel: beside the other half of an overlapped pair (communication holds
/// its SMs and the memory is shared), or alone.
struct SettingPrices {
  Price paired;
  Price alone;
};

/// One launch of a compute kernel with `sms` SMs: BF16 matrix products outside the traced step (the
/// output heads) from the gemm tables, everything else from the traced step and its classes.
Price kernel_price(const PriceBook& book, const Gpu& gpu, const KernelShape& kernel, int sms);

/// A dispatch or combine with the kernels on its stream, `ops` of one phase (barriers cost
/// their round trip only: waiting emerges from the simulation). Alone: the all-to-all's own
/// tables. Beside compute: as traced where the trace has that shape, else the price alone times
/// the slow-down that the trace shows.
SettingPrices transfer_prices(const PriceBook& book, const Scenario& scenario, const Moe& moe,
                              const std::vector<LayerOp>& ops);

/// A collective priced by its links alone: estimated, as good as the links' ranges say.
Price link_price(const Link& link, Seconds time, const std::string& what);

}  // namespace windtunnel
