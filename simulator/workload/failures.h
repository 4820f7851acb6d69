// Failures of nodes and what they cost: checkpoints, work that is lost, restarts.
#pragma once

#include <optional>

#include "kernels/shapes/units.h"

namespace windtunnel {

/// A node fails on average once in `node_mtbf`, independently of the others, and stops the job. A
/// checkpoint keeps training waiting for `checkpoint`; `restart` passes from a failure until
/// training goes on from the last one. `interval` between two checkpoints: the best where left out.
struct FailurePlan {
  Seconds node_mtbf;
  Seconds checkpoint;
  Seconds restart;
  std::optional<Seconds> interval;
};

/// Time of training over wall time, with a checkpoint every `interval` of training on `nodes`
/// nodes. Of exponential failures with mean M over all nodes, each stretch of interval + checkpoint
/// takes M e^(R/M) (e^((interval + checkpoint)/M) - 1): Daly, A higher order estimate of the
/// optimum checkpoint interval for restart dumps, 2006, equation 20.
double goodput(const FailurePlan& plan, int nodes, Seconds interval);

/// The interval with the most goodput.
Seconds best_interval(const FailurePlan& plan, int nodes);

/// The plan's own interval, or the best.
Seconds checkpoint_interval(const FailurePlan& plan, int nodes);

/// Where 30 days go, in wall time: training that lasts, checkpoints, restarts, and training that is
/// repeated because a failure undid it (with checkpoints that a failure cut short).
struct FailureMonth {
  Seconds time;
  double failures;
  Seconds training;
  Seconds checkpoints;
  Seconds restarts;
  Seconds repeated;
};

/// A month of the model of goodput(): failures come at a rate of 1/M whatever the job does, and
/// each starts a restart, which lasts R or until the next failure: M (1 - e^(-R/M)) on average.
FailureMonth failure_month(const FailurePlan& plan, int nodes, Seconds interval);

}  // namespace windtunnel
