// Which part of the model each pipeline stage and rank holds.
#pragma once

#include <vector>

#include "simulator/workload/parallelism/expert.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/schedules/schedule.h"

namespace windtunnel {

/// The layers [first, first + count) of a stage; the first stage of a whole model also embeds, the
/// last has the output head and the MTP modules with theirs. A vision encoder comes before all of
/// it: its patches in the first stage, its adaptor (and then the embedding) where its last layer
/// is.
struct Stage {
  int first_layer;
  int layers;
  bool embedding;
  bool heads;
  int vision_layers;
  bool patches;
  bool adaptor;
};

/// The stages of the scenario in model order.
std::vector<Stage> stages(const Scenario& scenario);

/// The schedule a scenario names; an overlapped pair has its own.
const ScheduleKind& main_schedule(const Scenario& scenario);

/// The shape in which `schedule` runs `micro_batches` of the scenario.
ScheduleShape schedule_shape(const Scenario& scenario, const ScheduleKind& schedule,
                             int micro_batches);

/// The stages that `rank` holds, those of one direction after those of another.
std::vector<int> stages_of_rank(const ScheduleKind& schedule, const ScheduleShape& shape, int rank);

/// Image tiles of a micro-batch on one GPU; at least one where there are any images.
std::int64_t vision_tiles(const Scenario& scenario);

/// How a GPU of the scenario runs one micro-batch of a layer.
LayerShape layer_shape(const Scenario& scenario);

/// The routing of `moe` over the scenario's expert group.
ExpertTraffic traffic_of(const Scenario& scenario, const Moe& moe);

/// Parameters that one GPU holds: its experts; its share of the matrices that tensor ranks divide,
/// which all data and context ranks hold alike; and what tensor ranks hold alike too (norms,
/// routers, projections to latents). The BF16 ones are embedding and head, kept out of the FP8
/// recipe.
struct StageParameters {
  double experts;
  double shared;
  double everywhere;
  double bf16;  ///< of `shared`
};

constexpr double sum(const StageParameters& held) {
  return held.experts + held.shared + held.everywhere;
}

/// One layer's.
StageParameters layer_parameters(const Scenario& scenario, const Layer& layer);

/// The embedding's or the head's: a row a word.
StageParameters vocabulary_parameters(const Scenario& scenario);

StageParameters stage_parameters(const Scenario& scenario, const Stage& stage);

/// Those of a stage that learn.
StageParameters learning_stage_parameters(const Scenario& scenario, const Stage& stage);

constexpr StageParameters operator+(const StageParameters& a, const StageParameters& b) {
  return {.experts = a.experts + b.experts,
          .shared = a.shared + b.shared,
          .everywhere = a.everywhere + b.everywhere,
          .bf16 = a.bf16 + b.bf16};
}

/// What a rank with `heads` and, if so, the `embedding` holds twice or only once: see
/// rank_parameters.
void settle_vocabulary(const Scenario& scenario, bool embedding, bool heads, StageParameters& sum);

/// Parameters of a rank that holds the stages `held`. The MTP module's embedding is the first
/// stage's where that is on the same rank (DualPipe, V shapes), else a copy beside the heads; so is
/// a head that shares its matrix with the embedding.
StageParameters rank_parameters(const Scenario& scenario, const std::vector<int>& held);

/// Those of them that learn: all, or the vision encoder's.
StageParameters learning_parameters(const Scenario& scenario, const std::vector<int>& held);

}  // namespace windtunnel
