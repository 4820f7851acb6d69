// A traced training step as statistics: what each kernel took, and what its class achieves. Prices
// are made from it in step_price.cc.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kernels/shapes/ops.h"
#include "simulator/hardware/gpu.h"
#include "simulator/hardware/step_classes.h"

namespace windtunnel {

/// One recorded launch.
struct Launch {
  KernelShape shape;
  double seconds;
};

/// Launches of one kernel at about one size: (n, k) are equal, roofs within a factor of kSameSize.
/// Time goes with the roof: `rate` is their mean ratio, `spread` its relative standard deviation.
struct SizeGroup {
  std::vector<KernelShape> shapes;  ///< distinct
  int launches;
  double low;   ///< least roof, seconds
  double high;  ///< largest roof
  double rate;
  double spread;
  double fastest;  ///< least ratio
};

inline constexpr double kSameSize = 1.5;

using ClassKey = std::pair<Operation, Dtype>;

/// A barrier's fixed cost, from another source than the trace.
struct NotifyCost {
  Seconds time;
  Seconds low;
  Seconds high;
  std::string source;
};

struct StepTrace {
  std::string source;
  Gpu gpu;
  int sms;        ///< of compute kernels
  double launch;  ///< seconds: mean of the kernels that do next to nothing
  std::unordered_map<KernelShape, std::vector<SizeGroup>> kernels;  ///< by kernel_key, by size
  std::unordered_map<KernelShape, SizeGroup> queued;  ///< grouped weight gradients, by kernel_key
  std::unordered_map<KernelShape, SizeGroup> transfers;  ///< by shape; roof 1 s
  std::map<ClassKey, ClassStatistics> classes;
  ClassStatistics compute_pool;  ///< of several operations: only its fraction and spread mean much
  ClassStatistics memory_pool;
  NotifyCost notify;
};

/// The shape without what only changes a kernel's size: m and groups.
KernelShape kernel_key(const KernelShape& shape);

/// What is known apart from the launches.
struct TraceSetting {
  std::string source;
  Gpu gpu;
  int sms;
  NotifyCost notify;
  /// Of a whole step, which must have what prices kernels that it lacks; else of some kernels,
  /// which answers for those alone.
  bool whole = true;
};

/// Throws std::invalid_argument where there is nothing to learn from.
StepTrace make_step_trace(const TraceSetting& setting, const std::vector<Launch>& launches);

}  // namespace windtunnel
