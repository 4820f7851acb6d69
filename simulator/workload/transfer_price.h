// The one place that decides which measurement answers for a transfer of a training step.
#pragma once

#include <string>
#include <vector>

#include "simulator/hardware/price_book.h"
#include "simulator/model/layer_ops.h"
#include "simulator/workload/kernel_price.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

/// A dispatch or combine with the kernels on its stream, `ops` of one phase (barriers cost
/// their round trip only: waiting emerges from the simulation). Alone: the all-to-all's own
/// tables. Beside compute: as traced where the trace has that shape, else the price alone times
/// the slow-down that the trace shows.
SettingPrices transfer_prices(const PriceBook& book, const Scenario& scenario, const Moe& moe,
                              const std::vector<LayerOp>& ops);

}  // namespace windtunnel
