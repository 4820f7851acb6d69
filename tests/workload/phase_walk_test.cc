#include "simulator/workload/phase_walk.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "simulator/engine/run.h"
#include "simulator/workload/training_step.h"
#include "tests/workload/random_plans.h"

namespace windtunnel {
namespace {

double simulated(const StepPlan& plan, int members) {
  return static_cast<double>(run(lower(plan, members).graph).makespan.count);
}

double walked(const StepPlan& plan, int members) {
  LoadShelf shelf;
  MemberLoads loads(plan, members, &shelf);
  return static_cast<double>(least_phases(plan, loads).count);
}

void add_some_update(StepPlan& plan) {
  for (int rank = 0; rank < plan.shape.pipeline_ranks; ++rank) {
    plan.update.push_back(
        {.reduce = some_transfer(), .optimizer = some_time(), .gather = some_transfer()});
  }
}

/// Kernels and collectives ask for SMs, together perhaps for more than there are.
void share_sms(StepPlan& plan) {
  plan.sms = {.gpu = 132, .collective = 20};
  for (BlockCost& block : plan.blocks) {
    for (BlockTimes* times : {&block.alone, &block.paired}) {
      for (PhaseTime* phase : {&times->attention_forward, &times->mlp_forward, &times->mlp_backward,
                               &times->attention_backward, &times->mlp_weight}) {
        phase->sms = *rc::gen::element(0, 60, 112, 132);
      }
    }
  }
}

/// Rounding of each op is all that the bound may exceed a step by.
RC_GTEST_PROP(PhaseWalk, NoStepIsShorter, ()) {
  StepPlan plan = some_plan();
  if (*rc::gen::arbitrary<bool>()) add_some_update(plan);
  if (*rc::gen::arbitrary<bool>()) share_sms(plan);
  const double even = walked(plan, 1) * (1 - 1e-6);
  for (const int members : {1, 4, 8}) RC_ASSERT(even <= simulated(plan, members));
  for (const int members : {2, 4}) {
    RC_ASSERT(walked(plan, members) * (1 - 1e-6) <= simulated(plan, members));
  }
}

void share_nothing(TransferTime& transfer) { transfer.nic_demand = 0; }

void share_nothing(BlockTimes& times) {
  for (PhaseTime* phase : {&times.attention_forward, &times.mlp_forward, &times.mlp_backward,
                           &times.attention_backward, &times.mlp_weight, &times.attention_weight}) {
    share_nothing(phase->tensor);
    // What runs beside kernels waits for what the walk leaves out: an input that is none yet.
    phase->tensor_beside = phase->context = {};
  }
  for (TransferTime* transfer : {&times.dispatch_forward, &times.combine_forward,
                                 &times.combine_backward, &times.dispatch_backward}) {
    share_nothing(*transfer);
  }
}

/// It is no estimate but the step itself, where nothing is shared.
RC_GTEST_PROP(PhaseWalk, ItIsTheStepWhereNothingIsShared, ()) {
  StepPlan plan = some_plan();
  add_some_update(plan);
  for (BlockCost& block : plan.blocks) {
    share_nothing(block.alone);
    share_nothing(block.paired);
    share_nothing(block.shard.gather);
    share_nothing(block.shard.reduce);
  }
  for (UpdateCost& update : plan.update) {
    share_nothing(update.reduce);
    share_nothing(update.gather);
  }
  share_nothing(plan.send);
  plan.shard_ranks = 8;
  for (const int members : {1, 4}) {
    const double step = simulated(plan, members);
    RC_ASSERT(walked(plan, members) <= step);
    RC_ASSERT(walked(plan, members) >= step * (1 - 1e-3));
  }
}

}  // namespace
}  // namespace windtunnel
