// Quantiles of a sample.
#pragma once

#include <vector>

namespace windtunnel {

/// The value below which `share` of the sample lies, linear between two of them; 0 of none.
double quantile(std::vector<double> values, double share);

}  // namespace windtunnel
