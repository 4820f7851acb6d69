#include "simulator/hardware/step_classes.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace windtunnel {
namespace {

// Bookkeeping kernels have no roof; any constant makes their time independent of size.
constexpr double kNoRoof = 1e-12;
// Shapes nearer than about a third of a factor e are as good as equal.
constexpr double kNear = 0.1;
// A fit of two fractions needs more kernels than that.
constexpr std::size_t kFewProducts = 3;

double beyond_launch(const ClassPoint& point, double launch) {
  return std::max(point.seconds - launch, point.roof.seconds());
}

double distance_squared(const KernelShape& a, const KernelShape& b) {
  double sum = 0;
  for (const auto& [x, y] : {std::pair(a.m, b.m), std::pair(a.n, b.n), std::pair(a.k, b.k)}) {
    const double log_ratio = std::log(static_cast<double>(std::max<std::int64_t>(x, 1)) /
                                      static_cast<double>(std::max<std::int64_t>(y, 1)));
    sum += log_ratio * log_ratio;
  }
  return sum;
}

RoofCost similar_cost(const std::vector<ClassPoint>& points, const KernelShape& shape,
                      double launch, std::size_t without) {
  double weights = 0;
  double sum = 0;
  double compute = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i == without) continue;
    const double weight = 1 / (distance_squared(points[i].shape, shape) + kNear);
    weights += weight;
    sum += weight * beyond_launch(points[i], launch) / points[i].roof.seconds();
    if (points[i].roof.compute_bound()) compute += weight;
  }
  const double inverse = sum / weights;
  return 2 * compute > weights ? RoofCost{inverse, 0} : RoofCost{0, inverse};
}

/// Minimises the sum of (1 - estimate / time)^2 over the points; a negative part is left out.
RoofCost fitted_cost(const std::vector<ClassPoint>& points, double launch, std::size_t without) {
  double cc = 0, cm = 0, mm = 0, ct = 0, mt = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i == without) continue;
    const double c = points[i].roof.compute / points[i].seconds;
    const double m = points[i].roof.memory / points[i].seconds;
    const double t = 1 - launch / points[i].seconds;
    cc += c * c;
    cm += c * m;
    mm += m * m;
    ct += c * t;
    mt += m * t;
  }
  const double determinant = cc * mm - cm * cm;
  const RoofCost both{(ct * mm - mt * cm) / determinant, (mt * cc - ct * cm) / determinant};
  if (determinant > 0 && both.per_compute > 0 && both.per_memory >= 0) return both;
  return {ct / cc, 0};
}

/// Relative standard deviation of the errors when each point is estimated from the others.
template <typename CostOf>
double leave_one_out(const std::vector<ClassPoint>& points, double launch, const CostOf& cost_of) {
  double squares = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double expected = launch + cost_of(i).seconds(points[i].roof);
    const double error = std::log(points[i].seconds / expected);
    squares += error * error;
  }
  return std::sqrt(squares / static_cast<double>(points.size()));
}

void add_spread(ClassStatistics& it, double launch) {
  const std::vector<ClassPoint>& points = it.points;
  if (points.size() < 2) return;
  it.spread = leave_one_out(points, launch, [&](std::size_t i) {
    return similar_cost(points, points[i].shape, launch, i);
  });
  const Operation operation = points.front().shape.operation;
  const bool one_product =
      is_product(operation) && std::all_of(points.begin(), points.end(), [&](const ClassPoint& p) {
        return p.shape.operation == operation;
      });
  if (!one_product || points.size() <= kFewProducts) return;
  const double fitted =
      leave_one_out(points, launch, [&](std::size_t i) { return fitted_cost(points, launch, i); });
  it.additive = fitted < it.spread / 2;
  if (it.additive) it.spread = fitted;
}

}  // namespace

bool is_product(Operation operation) {
  return operation == Operation::kGemm || operation == Operation::kGroupedGemm ||
         operation == Operation::kWeightGradient || operation == Operation::kGroupedWeightGradient;
}

Roof roof(const KernelShape& shape, const Gpu& gpu, int sms) {
  if (shape.dtype == Dtype::kFp8 && !gpu.fp8_peak) {
    throw std::invalid_argument(gpu.name + " has no FP8 tensor cores");
  }
  const FlopsPerSecond peak = shape.dtype == Dtype::kFp8 ? *gpu.fp8_peak : gpu.bf16_peak;
  const Work w = work(shape);
  return {.compute = (w.flops / (peak * (static_cast<double>(sms) / gpu.sms))).value,
          .memory = std::max((w.bytes / gpu.memory_rate).value, kNoRoof)};
}

ClassStatistics class_statistics(const std::vector<ClassPoint>& points, double launch) {
  ClassStatistics statistics{.points = points,
                             .fraction = 0,
                             .spread = 0,
                             .low = points.front().roof.seconds(),
                             .high = points.front().roof.seconds(),
                             .compute_bound = false,
                             .additive = false};
  double roofs = 0;
  double seconds = 0;
  double compute_seconds = 0;
  for (const ClassPoint& point : points) {
    const double size = point.roof.seconds();
    roofs += size;
    seconds += beyond_launch(point, launch);
    if (point.roof.compute_bound()) compute_seconds += beyond_launch(point, launch);
    statistics.low = std::min(statistics.low, size);
    statistics.high = std::max(statistics.high, size);
  }
  statistics.fraction = roofs / seconds;
  statistics.compute_bound = 2 * compute_seconds > seconds;
  add_spread(statistics, launch);
  return statistics;
}

RoofCost class_cost(const ClassStatistics& statistics, const KernelShape& shape, double launch) {
  const std::size_t all = statistics.points.size();
  return statistics.additive ? fitted_cost(statistics.points, launch, all)
                             : similar_cost(statistics.points, shape, launch, all);
}

}  // namespace windtunnel
