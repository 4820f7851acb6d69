// The [skew] of a scenario file.
#pragma once

#include "simulator/base/csv_file.h"
#include "simulator/base/fields.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

Fields<Skew> skew_fields();

/// Its parts that deployments have too.
Fields<RoutingSkew> routing_fields();
Fields<SpeedSkew> speed_fields();
Names<BalancerPolicy> balancer_policies();

/// Checks that popularity is drawn or read, and as the model has experts; throws ConfigError.
void settle_routing(const Node& root, const Architecture& model, RoutingSkew& routing);

/// Checks that each straggler is one of `gpus`, and there once; throws ConfigError.
void check_stragglers(const Node& root, const SpeedSkew& speed, int gpus);

/// Loads of experts from a table with columns layer (number in the model, from 0), expert and load.
/// Layers come in rising order, each with the same experts, every one once; throws ConfigError.
ExpertLoadFile make_expert_loads(const CsvTable& table);

/// Checks the skew against the scenario's model and cluster, and stretches ranges to their values;
/// throws ConfigError at the key of `root` that does not fit.
void settle_skew(const Node& root, Scenario& scenario);

}  // namespace windtunnel
