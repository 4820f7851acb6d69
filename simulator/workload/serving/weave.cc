#include "simulator/workload/serving/weave.h"

namespace windtunnel {

Weave::Weave(int micro_batches)
    : compute_lane_(graph.add_lane()),
      transfer_lane_(graph.add_lane()),
      last_(static_cast<std::size_t>(micro_batches)) {}

void Weave::add_layer(const ServingStageTimes& times) {
  for (const ServingStage stage : kServingStages) {
    const Seconds time = times[static_cast<std::size_t>(stage)];
    if (time.value <= 0) continue;
    const bool travels = is_transfer_stage(stage);
    for (std::size_t half = 0; half < last_.size(); ++half) {
      std::vector<OpId>& before = last_[half];
      before = {
          graph.add_op(travels ? transfer_lane_ : compute_lane_, to_picoseconds(time), before)};
      ops.push_back({layers_, stage, static_cast<int>(half)});
      (travels ? transfers : compute) += time;
    }
  }
  ++layers_;
}

}  // namespace windtunnel
