// How far values scatter when some of them may be outliers.
#pragma once

#include <vector>

namespace windtunnel {

/// Rousseeuw and Croux's Qn (1993): a standard deviation, right for normal values, made of the
/// lower quarter of all distances between two values, so that nearly half of them may lie anywhere
/// and clusters do no harm. Corrected for few values; 0 of fewer than two. Of more than a thousand
/// values every k-th is looked at.
double robust_scatter(const std::vector<double>& values);

}  // namespace windtunnel
