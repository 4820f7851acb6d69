// What plans have in common whose layers run in the same shapes: prices, activations and parameters
// of the model's parts, its division into stages, and what schedules come to.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "simulator/hardware/price_book.h"
#include "simulator/workload/memory.h"
#include "simulator/workload/schedules/slot_profile.h"
#include "simulator/workload/step_bound.h"

namespace windtunnel {

/// The parts of a model in forward order: what comes before its first layer, the layers, the heads.
/// `order` are indices into `costs`, `kept` activations by the same index.
struct ModelParts {
  std::vector<BlockCost> costs;
  std::vector<int> order;
  std::size_t before;  ///< blocks before the first layer
  std::vector<Bytes> kept;
  std::vector<std::optional<StageParameters>> shared;  ///< what sharding divides, by that index
  LayerWorkspace workspace;
};

/// Parts in the shapes of `scenario`; neither its pipeline nor what it shards matters.
ModelParts model_parts(const Scenario& scenario, const PriceBook& book);

/// The same parts with the times of what `scenario` shards.
ModelParts with_shards(ModelParts parts, const Scenario& scenario);

/// The model in stages that are balanced by the time of their layers, forward and backward.
struct DividedModel {
  std::vector<int> layers;
  std::vector<StageTimes> times;
  std::vector<Bytes> activations;
  std::vector<StageParameters> parameters;
  std::vector<StageParameters> learning;
};

/// Nothing where the model has too few layers.
std::optional<std::vector<int>> division_of(const ModelParts& parts, int stages);
std::optional<DividedModel> divide_model(const Scenario& scenario, const ModelParts& parts,
                                         int stages);

/// The fullest GPU, as the ledger has it (memory.h).
Bytes peak_memory(const Scenario& scenario, const ScheduleKind& schedule,
                  const std::vector<RankProfile>& profile, const DividedModel& model,
                  const LayerWorkspace& workspace);

/// Profiles of schedules by shape, made when they are first asked for. For several threads.
class ProfileShelf {
 public:
  using Profile = std::shared_ptr<const std::vector<RankProfile>>;

  /// Of a shape that has no problem.
  Profile of(const ScheduleKind& schedule, const ScheduleShape& shape);

 private:
  std::mutex mutex_;
  std::map<std::tuple<const ScheduleKind*, int, int, int>, Profile> known_;
};

}  // namespace windtunnel
