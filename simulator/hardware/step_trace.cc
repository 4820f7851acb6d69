#include "simulator/hardware/step_trace.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <tuple>

namespace windtunnel {
namespace {

/// Launches of one kernel with their roofs.
struct Sample {
  Launch launch;
  double size;
};

SizeGroup size_group(const std::vector<Sample>& samples) {
  SizeGroup group{.shapes = {},
                  .launches = static_cast<int>(samples.size()),
                  .low = samples.front().size,
                  .high = samples.back().size,
                  .rate = 0,
                  .spread = 0,
                  .fastest = samples.front().launch.seconds / samples.front().size};
  for (const Sample& sample : samples) {
    const double ratio = sample.launch.seconds / sample.size;
    group.rate += ratio / static_cast<double>(samples.size());
    group.fastest = std::min(group.fastest, ratio);
    if (group.shapes.empty() || !(group.shapes.back() == sample.launch.shape)) {
      group.shapes.push_back(sample.launch.shape);
    }
  }
  double squares = 0;
  for (const Sample& sample : samples) {
    const double error = sample.launch.seconds / sample.size / group.rate - 1;
    squares += error * error;
  }
  if (samples.size() > 1) {
    group.spread = std::sqrt(squares / static_cast<double>(samples.size() - 1));
  }
  return group;
}

std::vector<SizeGroup> size_groups(std::vector<Sample> samples) {
  std::stable_sort(samples.begin(), samples.end(),
                   [](const Sample& a, const Sample& b) { return a.size < b.size; });
  std::vector<SizeGroup> groups;
  std::vector<Sample> current;
  for (const Sample& sample : samples) {
    if (!current.empty() && sample.size > kSameSize * current.front().size) {
      groups.push_back(size_group(current));
      current.clear();
    }
    current.push_back(sample);
  }
  groups.push_back(size_group(current));
  return groups;
}

/// Bound by latency, not by a roof: no evidence for kernels of another kind.
bool in_a_pool(Operation operation) {
  switch (operation) {
    case Operation::kSmall:
    case Operation::kScaleTranspose:
    case Operation::kRouterSelect:
    case Operation::kExpertCount:
    case Operation::kExpertMapping:
      return false;
    default:
      return true;
  }
}

/// The points of each class in a fixed order, whatever the hash map's.
std::map<ClassKey, std::vector<ClassPoint>> class_points(const StepTrace& trace) {
  std::map<ClassKey, std::vector<ClassPoint>> points;
  for (const auto& [key, groups] : trace.kernels) {
    for (const SizeGroup& group : groups) {
      const KernelShape& shape = group.shapes.front();
      const Roof it = roof(shape, trace.gpu, trace.sms);
      points[{key.operation, key.dtype}].push_back({shape, it, it.seconds() * group.rate});
    }
  }
  for (auto& [key, list] : points) {
    std::sort(list.begin(), list.end(), [](const ClassPoint& a, const ClassPoint& b) {
      const auto order = [](const KernelShape& s) { return std::tuple(s.n, s.k, s.m, s.groups); };
      return order(a.shape) < order(b.shape);
    });
  }
  return points;
}

void add_classes(StepTrace& trace, bool whole) {
  std::vector<ClassPoint> compute;
  std::vector<ClassPoint> memory;
  for (const auto& [key, points] : class_points(trace)) {
    const ClassStatistics& statistics =
        trace.classes.emplace(key, class_statistics(points, trace.launch)).first->second;
    if (!in_a_pool(key.first)) continue;
    std::vector<ClassPoint>& pool = statistics.compute_bound ? compute : memory;
    pool.insert(pool.end(), points.begin(), points.end());
  }
  if (!whole) return;
  if (compute.empty() || memory.empty()) {
    throw std::invalid_argument("a trace without compute-bound or memory-bound kernels");
  }
  trace.compute_pool = class_statistics(compute, trace.launch);
  trace.memory_pool = class_statistics(memory, trace.launch);
}

}  // namespace

KernelShape kernel_key(const KernelShape& shape) {
  return {shape.operation, shape.dtype, 0, shape.n, shape.k, 0};
}

StepTrace make_step_trace(const TraceSetting& setting, const std::vector<Launch>& launches) {
  StepTrace trace{.source = setting.source,
                  .gpu = setting.gpu,
                  .sms = setting.sms,
                  .launch = 0,
                  .kernels = {},
                  .queued = {},
                  .transfers = {},
                  .classes = {},
                  .compute_pool = {},
                  .memory_pool = {},
                  .notify = setting.notify};
  std::unordered_map<KernelShape, std::vector<Sample>> samples;
  std::unordered_map<KernelShape, std::vector<Sample>> transfers;
  int small = 0;
  for (const Launch& launch : launches) {
    if (is_communication(launch.shape.operation)) {
      transfers[launch.shape].push_back({launch, 1});
      continue;
    }
    const Roof it = roof(launch.shape, trace.gpu, trace.sms);
    samples[kernel_key(launch.shape)].push_back({launch, it.seconds()});
    if (launch.shape.operation != Operation::kSmall) continue;
    trace.launch += launch.seconds;
    ++small;
  }
  if (small == 0 && setting.whole) {
    throw std::invalid_argument("a trace without bookkeeping kernels");
  }
  if (small > 0) trace.launch /= small;
  for (const auto& [shape, list] : transfers) trace.transfers.emplace(shape, size_group(list));
  for (const auto& [key, list] : samples) {
    if (key.operation == Operation::kGroupedWeightGradient) {
      trace.queued.emplace(key, size_group(list));
    } else {
      trace.kernels.emplace(key, size_groups(list));
    }
  }
  add_classes(trace, setting.whole);
  return trace;
}

}  // namespace windtunnel
