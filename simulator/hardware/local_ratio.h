// A factor between two GPUs or two programs, known at some shapes, at any other shape.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace windtunnel {

/// ln of the factor at one shape; `place` is log2 of the axes.
struct RatioPoint {
  std::vector<double> place;
  double log_ratio;
};

/// `spread` is the standard deviation of the points that speak, by their weights, 1 % or more.
struct LocalRatio {
  double mean;
  double spread;
};

inline constexpr std::size_t kNoPoint = static_cast<std::size_t>(-1);

/// The mean of the points, each weighted by distance^-6 in octaves: that of a point at its place,
/// nearly that of the nearest between them. `fade` octaves away a factor of one weighs as much as
/// a point there would; infinity lets the factor reach as far as it likes. Point `without` is left
/// out.
LocalRatio local_ratio(std::span<const RatioPoint> points, std::span<const double> place,
                       double fade, std::size_t without = kNoPoint);

/// 10 % and 90 % of (ln ratio - mean) / spread when each point is left out, and how far off the
/// answers are.
struct RatioCalibration {
  double low;
  double high;
  double median;         ///< of |estimated / true - 1|
  double median_at_one;  ///< the same with a factor of one everywhere
};

RatioCalibration calibrate_ratio(std::span<const RatioPoint> points, double fade);

}  // namespace windtunnel
