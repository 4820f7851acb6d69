// The requests that arrive: drawn, or from a trace.
#pragma once

#include <vector>

#include "simulator/workload/serving/scenario.h"

namespace windtunnel {

struct Request {
  double arrival_s;
  int prompt;
  int output;
};

/// In order of arrival. Draws depend on the seed and the number of the request only. Throws
/// ConfigError for a broken trace.
std::vector<Request> serving_requests(const ServingScenario& scenario);

}  // namespace windtunnel
