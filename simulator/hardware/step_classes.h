// What kernels of one kind achieve inside a traced step: the time of shapes that were not traced.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "kernels/shapes/ops.h"
#include "simulator/hardware/gpu.h"

namespace windtunnel {

/// The least time of a kernel on given SMs of a GPU, in seconds: arithmetic alone, traffic alone.
struct Roof {
  double compute;
  double memory;

  double seconds() const { return compute > memory ? compute : memory; }
  bool compute_bound() const { return compute >= memory; }
};

/// Bookkeeping moves nothing to speak of and gets a constant. Throws std::invalid_argument for FP8
/// on a GPU without it.
Roof roof(const KernelShape& shape, const Gpu& gpu, int sms);

/// Time = launch + per_compute x roof.compute + per_memory x roof.memory.
struct RoofCost {
  double per_compute;
  double per_memory;

  double seconds(const Roof& it) const { return per_compute * it.compute + per_memory * it.memory; }
};

/// One kernel of a class: its mean time in seconds.
struct ClassPoint {
  KernelShape shape;
  Roof roof;
  double seconds;
};

/// Kernels of an operation and a dtype together.
struct ClassStatistics {
  std::vector<ClassPoint> points;
  double fraction;  ///< sum of the binding roofs over the sum of the times beyond a launch
  double spread;    ///< relative standard deviation of the errors, leaving one kernel out
  double low;       ///< roofs covered, seconds
  double high;
  bool compute_bound;  ///< most of its time
  bool additive;       ///< arithmetic and traffic add up
};

/// `launch`: seconds of a kernel that does next to nothing.
ClassStatistics class_statistics(const std::vector<ClassPoint>& points, double launch);

/// The cost of a kernel by those of its class: the binding roof, where kernels of similar shape
/// count more (inverse square of the distance in logarithms of m, n, k). Matrix products whose
/// arithmetic and traffic add up have a fraction of each roof instead, fitted over the class by
/// least squares of relative errors; a class is one of those where that halves its leave-one-out
/// error.
RoofCost class_cost(const ClassStatistics& statistics, const KernelShape& shape, double launch);

/// True for dense and grouped products and their weight gradients.
bool is_product(Operation operation);

}  // namespace windtunnel
