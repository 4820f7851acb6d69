#include "simulator/hardware/step_price.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "simulator/hardware/step_trace.h"

namespace windtunnel {
namespace {

// Half-width of a normal distribution's 80 % interval, in standard deviations.
constexpr double kEighty = 1.2816;
// Durations in the trace are whole microseconds: the standard deviation of that rounding.
constexpr double kRounding = 1e-6 * 0.2887;
// Relative error of a traced kernel's rate at another size, and its growth for each factor e
// between the sizes: the trace has few kernels at two sizes, so both are what classes of kernels
// scatter by.
constexpr double kGrowthPerE = 0.1;

/// A time before it is moved to other SMs or a sibling; `spread` is relative.
struct Estimate {
  double seconds;
  double spread;
  Basis basis;
  bool outside;
  std::string text;
  std::optional<std::pair<double, double>> bounds;  // instead of spread, seconds
};

bool holds(const SizeGroup& group, const KernelShape& shape, double size) {
  const bool same_groups =
      std::any_of(group.shapes.begin(), group.shapes.end(),
                  [&](const KernelShape& traced) { return traced.groups == shape.groups; });
  return same_groups && size >= group.low * (1 - 1e-9) && size <= group.high * (1 + 1e-9);
}

/// Distance of a size from a group's in factors of e, 0 inside.
double distance(const SizeGroup& group, double size) {
  return std::max({0.0, std::log(group.low / size), std::log(size / group.high)});
}

Estimate measured(const SizeGroup& group, double size) {
  const double seconds = group.rate * size;
  const double rounding = seconds > 0 ? kRounding / seconds : 0;
  return {seconds, std::hypot(group.spread, rounding),         Basis::kMeasured,
          false,   fmt::format("{} launches", group.launches), {}};
}

/// The rate of the nearest traced size, beyond a launch's fixed part; between two sizes the
/// straight line that joins them.
Estimate resized(const StepTrace& trace, const std::vector<SizeGroup>& groups, double size) {
  const auto time_of = [&](const SizeGroup& group) {
    const double nearest = std::clamp(size, group.low, group.high);
    const double fixed = std::min(trace.launch, group.rate * nearest);
    return fixed + (group.rate * nearest - fixed) * size / nearest;
  };
  const auto above = std::find_if(groups.begin(), groups.end(),
                                  [&](const SizeGroup& group) { return group.high >= size; });
  const bool outside = above == groups.end() || (above == groups.begin() && above->low > size);
  const SizeGroup& nearest =
      *std::min_element(groups.begin(), groups.end(), [&](const SizeGroup& a, const SizeGroup& b) {
        return distance(a, size) < distance(b, size);
      });
  double seconds = time_of(nearest);
  if (!outside && above->low > size) {
    const SizeGroup& below = *(above - 1);
    const double part = (size - below.high) / (above->low - below.high);
    seconds = below.rate * below.high * (1 - part) + above->rate * above->low * part;
  }
  const double growth = kGrowthPerE * (1 + distance(nearest, size));
  return {seconds,
          std::hypot(nearest.spread, growth),
          Basis::kEstimated,
          outside,
          fmt::format("the kernel's rate at {:.2g} x the size", nearest.high / size),
          {}};
}

struct ChosenClass {
  const ClassStatistics* statistics;
  std::string name;
  bool own;  ///< of this very operation and dtype
};

/// A class with fewer kernels says little about its spread.
constexpr std::size_t kFewKernels = 3;

const ClassStatistics* find_class(const StepTrace& trace, Operation operation, Dtype dtype) {
  const auto found = trace.classes.find({operation, dtype});
  return found == trace.classes.end() ? nullptr : &found->second;
}

/// Whose fraction of peak stands for a product in BF16. The traced ones are a router's: too small
/// to speak for large ones, which take the fraction of the FP8 products, weight gradients too. The
/// router's weight gradient took as long as its forward product (47 and 46 us), so BF16 has no
/// penalty there, unlike FP8, whose weight gradients rescale both operands.
ClassKey bf16_stand_in(const StepTrace& trace, const KernelShape& shape, double size) {
  if (shape.operation == Operation::kGroupedGemm ||
      shape.operation == Operation::kGroupedWeightGradient) {
    return {Operation::kGroupedGemm, Dtype::kFp8};
  }
  const ClassStatistics* own = find_class(trace, shape.operation, Dtype::kBf16);
  if (own != nullptr && size <= 2 * own->high) return {shape.operation, Dtype::kBf16};
  return {Operation::kGemm, Dtype::kFp8};
}

/// The traced kernel that streams its tensors as this one does, where the trace has none of it: the
/// same reads and writes an element, the same sums over a row or none.
Operation streams_like(Operation operation) {
  switch (operation) {
    case Operation::kSoftmax:
    case Operation::kLayerNorm:
      return Operation::kRmsNorm;
    case Operation::kSoftmaxBackward:
    case Operation::kLayerNormBackward:
      return Operation::kRmsNormBackward;
    case Operation::kGelu:
      return Operation::kSwiglu;
    case Operation::kGeluBackward:
      return Operation::kSwigluBackward;
    case Operation::kDropout:
    case Operation::kDropoutBackward:
      return Operation::kScale;
    case Operation::kDropoutAdd:
      return Operation::kAdd;
    case Operation::kCrossEntropyPasses:
      return Operation::kCrossEntropy;
    case Operation::kAdamPasses:
      return Operation::kAdam;
    default:
      return operation;
  }
}

ChosenClass chosen_class(const StepTrace& trace, const KernelShape& shape, double size) {
  ClassKey key{shape.operation, shape.dtype};
  if (is_product(shape.operation)) {
    if (shape.dtype == Dtype::kBf16) key = bf16_stand_in(trace, shape, size);
    if (key.first == Operation::kGroupedWeightGradient) key.first = Operation::kWeightGradient;
  } else {
    key.first = streams_like(key.first);
  }
  for (const Dtype dtype : {key.second, Dtype::kBf16, Dtype::kFp8, Dtype::kFp32}) {
    if (const ClassStatistics* found = find_class(trace, key.first, dtype)) {
      const bool own = key.first == shape.operation && dtype == shape.dtype;
      return {found, fmt::format("{} {}", operation_name(key.first), dtype_name(dtype)), own};
    }
  }
  const bool compute = roof(shape, trace.gpu, trace.sms).compute_bound();
  return {compute ? &trace.compute_pool : &trace.memory_pool,
          compute ? "compute-bound kernels" : "memory-bound kernels", false};
}

RoofCost cost_of(const StepTrace& trace, const ChosenClass& chosen, const KernelShape& shape) {
  const ClassStatistics& it = *chosen.statistics;
  // A pool of several operations has no similar shapes.
  if (&it == &trace.compute_pool) return {1 / it.fraction, 0};
  if (&it == &trace.memory_pool) return {0, 1 / it.fraction};
  return class_cost(it, shape, trace.launch);
}

/// `there` is the roof where it runs, which may be another GPU.
Estimate of_class(const StepTrace& trace, const KernelShape& shape, const Roof& there) {
  const double size = roof(shape, trace.gpu, trace.sms).seconds();
  const ChosenClass chosen = chosen_class(trace, shape, size);
  const ClassStatistics& it = *chosen.statistics;
  const ClassStatistics& pool = it.compute_bound ? trace.compute_pool : trace.memory_pool;
  // No kernel is faster than its roof, whatever a fit over few kernels says.
  const double seconds = std::max(cost_of(trace, chosen, shape).seconds(there), there.seconds());
  const bool few = it.points.size() < kFewKernels || !chosen.own;
  return {trace.launch + seconds,
          few ? std::max(it.spread, pool.spread) : it.spread,
          Basis::kEstimated,
          size < it.low / 2 || size > it.high * 2,
          fmt::format("{:.0f} % of the roof as {}", 100 * there.seconds() / seconds, chosen.name),
          {}};
}

/// The part of a kernel's time that goes with the tensor cores; the rest goes with memory. Products
/// share their time as their class does.
double arithmetic_part(const StepTrace& trace, const KernelShape& shape) {
  const Roof it = roof(shape, trace.gpu, trace.sms);
  const RoofCost cost = cost_of(trace, chosen_class(trace, shape, it.seconds()), shape);
  return cost.per_compute * it.compute / cost.seconds(it);
}

/// The recorded durations contain queueing of two full grids for the SMs, so these kernels are
/// priced by the weight gradients that ran alone; the fastest and the mean recorded launch are
/// their interval.
Estimate grouped_weight_gradient(const StepTrace& trace, const KernelShape& shape,
                                 const Roof& there) {
  Estimate estimate = of_class(trace, shape, there);
  const auto found = trace.queued.find(kernel_key(shape));
  if (found == trace.queued.end()) return estimate;
  const SizeGroup& group = found->second;
  const double size = there.seconds();
  estimate.text += "; recorded durations queue for SMs and only bound it";
  estimate.outside = size < group.low || size > group.high;
  estimate.bounds = {std::min(estimate.seconds, group.fastest * size),
                     std::max(estimate.seconds, group.rate * size)};
  return estimate;
}

Estimate on_traced_gpu(const StepTrace& trace, const KernelShape& shape) {
  const Roof it = roof(shape, trace.gpu, trace.sms);
  if (shape.operation == Operation::kGroupedWeightGradient && shape.dtype == Dtype::kFp8) {
    return grouped_weight_gradient(trace, shape, it);
  }
  const auto found = trace.kernels.find(kernel_key(shape));
  if (found == trace.kernels.end()) return of_class(trace, shape, it);
  for (const SizeGroup& group : found->second) {
    if (holds(group, shape, it.seconds())) return measured(group, it.seconds());
  }
  return resized(trace, found->second, it.seconds());
}

bool is_attention(Operation operation) {
  return operation == Operation::kAttentionForward || operation == Operation::kAttentionBackward;
}

/// Time beyond a launch on `sms` of `gpu`, a GPU with the traced chip, over that in the trace.
double moved_by(const StepTrace& trace, const KernelShape& shape, const Gpu& gpu, int sms) {
  const double part = arithmetic_part(trace, shape);
  const double sm_ratio = static_cast<double>(trace.sms) / sms;
  // Attention's grid isn't cut to the free SMs, so in the trace it had some of the others too.
  const double exponent = is_attention(shape.operation) && sm_ratio < 1 ? 0.5 : 1.0;
  return part * std::pow(sm_ratio, exponent) +
         (1 - part) * (trace.gpu.memory_rate / gpu.memory_rate);
}

/// To other SMs or a sibling: arithmetic goes with the SMs, traffic with the memory's rate. Both
/// are assumptions (power and caches are shared), so half of the change is its uncertainty.
void move(Estimate& estimate, double launch, double factor, const std::string& where) {
  if (factor == 1.0) return;
  if (estimate.basis == Basis::kMeasured) estimate.basis = Basis::kScaled;
  estimate.text += fmt::format(" x {:.3f} on {}", factor, where);
  const double more = 0.5 * std::abs(std::log(factor));
  const double fixed = std::min(launch, estimate.seconds);
  estimate.seconds = fixed + (estimate.seconds - fixed) * factor;
  estimate.spread = std::hypot(estimate.spread, more);
  if (!estimate.bounds) return;
  estimate.bounds->first *= factor / (1 + kEighty * more);
  estimate.bounds->second *= factor * (1 + kEighty * more);
}

Price price_of(const StepTrace& trace, const Estimate& estimate) {
  const double width = 1 + kEighty * estimate.spread;
  const auto [low, high] =
      estimate.bounds.value_or(std::pair(estimate.seconds / width, estimate.seconds * width));
  return {.time = Seconds{estimate.seconds},
          .low = Seconds{low},
          .high = Seconds{high},
          .provenance =
              Provenance(estimate.basis, trace.source + ": " + estimate.text, estimate.outside)};
}

}  // namespace

Price step_price(const StepMeasurements& measurements, const Gpu& gpu, const KernelShape& shape,
                 int sms) {
  const StepTrace& trace = *measurements.trace;
  if (is_communication(shape.operation)) {
    throw std::invalid_argument("a transfer has no price of a compute kernel");
  }
  if (sms < 1 || sms > gpu.sms) throw std::invalid_argument("SMs that the GPU doesn't have");
  const Roof there = roof(shape, gpu, sms);  // refuses FP8 where it must
  if (!same_chip(gpu, trace.gpu)) {
    Estimate estimate = of_class(trace, shape, there);
    estimate.text += ", on " + gpu.id;
    return price_of(trace, estimate);
  }
  Estimate estimate = on_traced_gpu(trace, shape);
  move(estimate, trace.launch, moved_by(trace, shape, gpu, sms),
       fmt::format("{} SMs of {}", sms, gpu.id));
  if (gpu.id != trace.gpu.id && estimate.basis == Basis::kMeasured) {
    estimate.basis = Basis::kScaled;
    estimate.text += ", as on its sibling " + trace.gpu.id;
  }
  return price_of(trace, estimate);
}

const Gpu& traced_gpu(const StepMeasurements& measurements) { return measurements.trace->gpu; }

std::optional<Price> traced_price(const StepMeasurements& measurements, const Gpu& gpu,
                                  const KernelShape& shape, int sms) {
  const StepTrace& trace = *measurements.trace;
  if (is_communication(shape.operation) || !same_chip(gpu, trace.gpu)) return std::nullopt;
  if (trace.kernels.count(kernel_key(shape)) == 0) return std::nullopt;
  return step_price(measurements, gpu, shape, sms);
}

std::optional<Price> traced_communication_price(const StepMeasurements& measurements,
                                                const Gpu& gpu, const KernelShape& shape) {
  const StepTrace& trace = *measurements.trace;
  const auto found = trace.transfers.find(shape);
  if (gpu.id != trace.gpu.id || found == trace.transfers.end()) return std::nullopt;
  if (shape.operation == Operation::kNotify) {
    return Price{.time = trace.notify.time,
                 .low = trace.notify.low,
                 .high = trace.notify.high,
                 .provenance = Provenance(Basis::kEstimated, trace.notify.source, false)};
  }
  return price_of(trace, measured(found->second, 1));
}

std::vector<ClassRate> class_rates(const StepMeasurements& measurements) {
  std::vector<ClassRate> rates;
  for (const auto& [key, it] : measurements.trace->classes) {
    rates.push_back({.operation = key.first,
                     .dtype = key.second,
                     .kernels = static_cast<int>(it.points.size()),
                     .fraction = it.fraction,
                     .spread = kEighty * it.spread,
                     .compute_bound = it.compute_bound});
  }
  return rates;
}

}  // namespace windtunnel
