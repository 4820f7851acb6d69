// Whether a sample wandered while it was taken: a GPU that warms up, a clock that falls.
#pragma once

#include <span>

namespace windtunnel {

/// How much the values rose over the whole sample, in logarithms (Theil 1950 and Sen 1968: the
/// median slope of all pairs, times the length), and how likely a rise or fall this steady is
/// without a drift (Mann 1945, Kendall), two-sided; `score` is the same in standard deviations,
/// above 0 for a rise.
struct Drift {
  double rise;
  double p;
  double score;
};

/// `values` are positive, in the order in which they were taken. Below five of them p is 1. Of more
/// than a thousand every k-th is looked at.
Drift drift_of(std::span<const double> values);

}  // namespace windtunnel
