// Prices every kernel and transfer of a training step once, and sums them to the durations that a
// StepPlan needs. Prices stay visible: --explain and the report list them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulator/hardware/price_book.h"
#include "simulator/model/layer_ops.h"
#include "simulator/model/sequence_ops.h"
#include "simulator/workload/error_class.h"
#include "simulator/workload/kernel_price.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/step_plan.h"
#include "simulator/workload/update_price.h"

namespace windtunnel {

struct PricedKernel {
  LayerOp op;
  SettingPrices price;  ///< of one launch
};

/// A dispatch or combine with the casts and layout kernels on its stream.
struct PricedTransfer {
  Phase phase;
  std::string name;
  SettingPrices price;
  Bytes scale_out;  ///< leaves the GPU's NIC
};

/// A collective of the GPUs that share a layer's matrices or its sequence.
struct PricedCollective {
  SequenceOp op;
  bool context;  ///< of context ranks; else of tensor ranks
  Price price;
  Bytes scale_out;
};

/// A block of a stage: a layer, the embedding, the MTP projection, a head.
struct PricedBlock {
  std::string name;
  bool layer;
  bool routed;
  std::vector<PricedKernel> kernels;
  std::vector<PricedTransfer> transfers;  ///< four where routed, else none
  std::vector<PricedCollective> collectives;
  std::optional<PricedShard> shard;  ///< under ZeRO-2 (reduce only) and ZeRO-3
};

/// Activations of a micro-batch on their way to the next stage.
struct PricedSend {
  Price price;
  Bytes scale_out;  ///< leaves the GPU's NIC; 0 where neighbours share a node
};

/// All that a step costs; `stages[s]` are indices into `blocks` in forward order.
struct PricedStep {
  std::vector<PricedBlock> blocks;
  std::vector<std::vector<int>> stages;
  PricedSend send;
  std::vector<PricedUpdate> update;  ///< one a pipeline rank, or none
};

ErrorClass error_class(const KernelShape& kernel);

/// Of a transfer: dispatch where rows go to their experts, as gradients do in combine(B), else
/// combine.
ErrorClass transfer_class(Phase phase);

/// Prices the step of `scenario` under `schedule`; throws ConfigError where nothing can price a
/// kernel on its GPU, and UsageError for a step longer than the simulator's clock.
PricedStep price_step(const Scenario& scenario, const PriceBook& book,
                      const ScheduleKind& schedule);

/// The same without the optimizer's update: whatever stages `scenario` divides the model into.
PricedStep price_blocks(const Scenario& scenario, const PriceBook& book);

/// The plan of a step with `micro_batches`, every price of class `moved` at the high end of its
/// interval, or at the low one if `lowered`.
StepPlan step_plan(const Scenario& scenario, const PricedStep& priced, const ScheduleKind& schedule,
                   int micro_batches, ErrorClass moved = ErrorClass::kNothing,
                   bool lowered = false);

}  // namespace windtunnel
