// Every kernel of the suite at every shape that it is measured at: the list is data.
#pragma once

#include <vector>

#include "bench/harness/case.h"

namespace windtunnel::bench {

/// In the order of the tables. Names (case_name) differ.
const std::vector<Case>& cases();

/// What `windtunnel` kernels are compared with on a GPU: the same shapes as cuBLASLt runs them.
std::vector<Case> yardsticks();

}  // namespace windtunnel::bench
