#include "simulator/analysis/step_causes.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <tuple>

#include "simulator/analysis/critical_path.h"
#include "simulator/analysis/op_times.h"

namespace windtunnel {
namespace {

using Key = std::pair<ErrorClass, Waste>;

constexpr Key priced_key(ErrorClass priced) { return {priced, Waste::kPrices}; }
constexpr Key waste_key(Waste waste) { return {ErrorClass::kNothing, waste}; }

struct Sums {
  std::map<Key, std::int64_t> classes;
  std::map<std::string, std::int64_t> phases;
  std::map<std::string, std::int64_t> links;
  std::map<std::string, std::int64_t> bindings;
  /// Of compute phases with even routing, by block, phase and setting: to be divided by kernels.
  std::map<std::tuple<std::int32_t, Phase, bool>, std::int64_t> compute;
};

/// Divides `whole` in proportion to `weights`, exactly: what rounding leaves goes to the last with
/// any weight.
void divide(std::int64_t whole, const std::map<Key, double>& weights, Sums& sums) {
  double all = 0;
  for (const auto& [key, weight] : weights) all += weight;
  std::int64_t left = whole;
  Key last = waste_key(Waste::kLaunchGaps);
  for (const auto& [key, weight] : weights) {
    if (weight <= 0) continue;
    const auto part = static_cast<std::int64_t>(static_cast<double>(whole) * (weight / all));
    sums.classes[key] += part;
    left -= part;
    last = key;
  }
  sums.classes[last] += left;
}

void divide_compute(const PricedStep& priced, Seconds launch_gap, Sums& sums) {
  for (const auto& [what, time] : sums.compute) {
    const auto& [block, phase, paired] = what;
    std::map<Key, double> weights;
    for (const PricedKernel& kernel : priced.blocks[static_cast<std::size_t>(block)].kernels) {
      if (kernel.op.phase != phase) continue;
      const Price& price = paired ? kernel.price.paired : kernel.price.alone;
      weights[priced_key(error_class(kernel.op.kernel))] += price.time.value * kernel.op.launches;
      weights[waste_key(Waste::kLaunchGaps)] += launch_gap.value * kernel.op.launches;
    }
    divide(time, weights, sums);
  }
}

/// Of an op that is not compute.
Key key_of(const RowOwner& owner) {
  switch (owner.kind) {
    case OpKind::kDispatch:
    case OpKind::kCombine:
      return priced_key(transfer_class(owner.phase));
    case OpKind::kSend:
      return priced_key(ErrorClass::kSend);
    case OpKind::kTensor:
    case OpKind::kContext:
      return priced_key(ErrorClass::kSequence);
    case OpKind::kShard:
      return priced_key(ErrorClass::kShard);
    case OpKind::kHost:
      return waste_key(Waste::kHost);
    default:
      return priced_key(ErrorClass::kUpdate);
  }
}

std::string phase_of(const RowOwner& owner) {
  switch (owner.kind) {
    case OpKind::kSend:
      return "pipeline";
    case OpKind::kGradient:
      return "gradient";
    case OpKind::kUpdate:
      return "optimizer";
    case OpKind::kTensor:
      return "tensor";
    case OpKind::kContext:
      return "context";
    case OpKind::kShard:
      return "sharding";
    case OpKind::kHost:
      return "host";
    default:
      return std::string(phase_name(owner.phase));
  }
}

const char* link_of(const StepPlan& plan, const TrainingStep& step, const RowOwner& owner) {
  if (owner.kind == OpKind::kCompute || owner.kind == OpKind::kUpdate ||
      owner.kind == OpKind::kHost) {
    return kNoLink;
  }
  return nic_demand(plan, step, owner) > 0 ? kScaleOut : kScaleUp;
}

const char* binding_name(PathLink binding) {
  switch (binding) {
    case PathLink::kStart:
      return "the step's start";
    case PathLink::kInput:
      return "its input";
    case PathLink::kLane:
      return "its stream";
    case PathLink::kGroup:
      break;
  }
  return "another rank of its group";
}

std::vector<NamedTime> listed(const std::map<std::string, std::int64_t>& sums) {
  std::vector<NamedTime> all;
  for (const auto& [name, time] : sums) {
    if (time != 0) all.push_back({name, {time}});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const NamedTime& a, const NamedTime& b) { return a.time > b.time; });
  return all;
}

std::string cause_name(const Key& key) {
  switch (key.second) {
    case Waste::kLaunchGaps:
      return "launch gaps";
    case Waste::kHost:
      return "host launches";
    case Waste::kUneven:
      return "uneven routing, speed and jitter";
    case Waste::kSharing:
      return "sharing of links and SMs";
    case Waste::kPrices:
      break;
  }
  return std::string(class_name(key.first));
}

void add_op(const StepPlan& plan, const TrainingStep& step, const Timeline& timeline,
            const PathOp& of_path, Sums& sums) {
  const auto op = static_cast<std::size_t>(of_path.op);
  const RowOwner& owner = owner_of(step, of_path.op);
  const std::int64_t length = (timeline.end[op] - timeline.start[op]).count;
  const std::int64_t even = op_times(plan, step, of_path.op).even.count;
  const std::int64_t work = op_at(step.graph, of_path.op).work.count;
  sums.classes[waste_key(Waste::kSharing)] += length - work;
  sums.classes[waste_key(Waste::kUneven)] += work - even;
  const std::int32_t block = owner.kind == OpKind::kCompute ? block_of(plan, step, owner) : kNone;
  if (block != kNone) {
    sums.compute[{block, owner.phase, is_paired(step, owner)}] += even;
  } else {
    sums.classes[key_of(owner)] += even;
  }
  sums.phases[phase_of(owner)] += length;
  sums.links[link_of(plan, step, owner)] += length;
  sums.bindings[binding_name(of_path.binding)] += length;
}

}  // namespace

StepCauses step_causes(const PricedStep& priced, Seconds launch_gap, const StepPlan& plan,
                       const TrainingStep& step, const Timeline& timeline) {
  const std::vector<PathOp> path = critical_path(step.graph, timeline);
  Sums sums;
  for (const PathOp& op : path) add_op(plan, step, timeline, op, sums);
  divide_compute(priced, launch_gap, sums);
  StepCauses causes{.total = timeline.makespan,
                    .ops = path.size(),
                    .classes = {},
                    .phases = listed(sums.phases),
                    .links = listed(sums.links),
                    .bindings = listed(sums.bindings)};
  std::int64_t sum = 0;
  for (const auto& [key, time] : sums.classes) {
    sum += time;
    if (time != 0) causes.classes.push_back({cause_name(key), key.first, key.second, {time}});
  }
  assert(sum == timeline.makespan.count);
  std::stable_sort(causes.classes.begin(), causes.classes.end(),
                   [](const Cause& a, const Cause& b) { return a.time > b.time; });
  return causes;
}

}  // namespace windtunnel
