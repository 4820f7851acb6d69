// The closest lower bound of a step: its time if nothing shared a link, an SM or a host. Every
// phase of every block stands in its place in the streams of its rank, as in the lowering
// (training_step.h), and begins when its stream and its inputs are there. Sharing can only make it
// take longer, and all that follows begin later, since the order of a stream never changes. Beside
// that, a NIC and a GPU's SMs serve no more than their capacity from the first op that uses them to
// the last. Walked in the order of dependence without a graph, at a fiftieth of a simulation's
// time.
//
// With one member that has the mean load it bounds any number of them: of the times at which the
// members end a phase, the mean is no less than the time at which the mean member would, since each
// is the maximum of sums, which is convex, and a barrier waits for more than the mean (Jensen).
#pragma once

#include "simulator/workload/member_loads.h"
#include "simulator/workload/step_plan.h"

namespace windtunnel {

/// No step of `plan`, whose ranks differ by nothing but their loads, is shorter with as many
/// members as `loads` has (with any number of them where that is 1), but for a picosecond a phase.
Picoseconds least_phases(const StepPlan& plan, MemberLoads& loads);

}  // namespace windtunnel
