// What the replicas of parameters exchange: gradients, new weights, shards; and the optimizer.
#pragma once

#include <optional>

#include "kernels/shapes/units.h"
#include "simulator/hardware/price_book.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/schedules/schedule.h"
#include "simulator/workload/stages.h"

namespace windtunnel {

/// Collectives that gather a block's sharded parameters (ZeRO-3) and scatter their gradients
/// (ZeRO-2 and 3), in every micro-batch; bytes leave the GPU's NIC, tensors are what a GPU brings.
struct PricedShard {
  Price gather;
  Bytes gather_bytes;
  Bytes gather_tensor;
  Price reduce;
  Bytes reduce_bytes;
  Bytes reduce_tensor;
};

/// Of a block with the parameters `held`; nothing below ZeRO-2.
std::optional<PricedShard> priced_shard(const Scenario& scenario, const StageParameters& held);

struct PricedUpdate {
  Bytes reduce_bytes;  ///< through the NIC, each way
  Bytes gather_bytes;
  Price reduce;
  Price optimizer;
  Price gather;
  double expert_share = 0;  ///< of the bytes: between replicas of experts only
  Bytes reduce_tensor{0};   ///< what a GPU brings: its gradients of what others hold, too
  Bytes gather_tensor{0};   ///< its share of their new weights
  bool all_reduce = false;  ///< every replica keeps the whole sum (ZeRO-0, replicated shards)
};

/// What pipeline rank `rank` does once a step: reduce the gradients of its stages over the replicas
/// that did not meet in every micro-batch, update its shard, gather the new parameters.
PricedUpdate priced_update(const Scenario& scenario, const PriceBook& book,
                           const ScheduleKind& schedule, const ScheduleShape& shape, int rank);

}  // namespace windtunnel
