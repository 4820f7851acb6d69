// A deployment without what makes it slow: its network, its balancer, its slow GPU.
#pragma once

#include <string>
#include <vector>

#include "simulator/workload/serving/iteration.h"

namespace windtunnel {

/// `scenario` is as it would be without `what`; `value` and `range` say what that comes to.
struct ServingWhatIf {
  std::string what;
  std::string value;
  std::string range;
  std::string why;
  ServingScenario scenario;
};

/// One for each that the scenario has.
std::vector<ServingWhatIf> serving_what_ifs(ServingPrices& prices, const ServingScenario& scenario);

}  // namespace windtunnel
