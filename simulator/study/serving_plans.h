// Deployments as a space to search. There are few of them: each that fits is evaluated.
#pragma once

#include "simulator/study/plan.h"

namespace windtunnel {

/// Searches the deployments of `spec`: dollars of a million output tokens with their prompts, time
/// of an output token in a full batch, time to the first token without a queue, and bytes of the
/// fullest GPU. Requests and their queue are as the best one's simulation shows.
PlanResult find_serving_plan(const ServingPlanSpec& spec, const PlanOptions& options);

/// As search_share().
PlanShare search_serving_share(const ServingPlanSpec& spec, const BatchPart& share,
                               const PlanOptions& options);

}  // namespace windtunnel
