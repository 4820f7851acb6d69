#include "simulator/analysis/overlap.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "simulator/analysis/op_times.h"

namespace windtunnel {
namespace {

struct Interval {
  std::int64_t start;
  std::int64_t end;
};

/// When a stream of one rank was busy, in time order (a stream runs its ops in order, so they are
/// sorted), with the busy time before each, for O(log n) coverage queries.
struct BusyTime {
  std::vector<Interval> intervals;
  std::vector<std::int64_t> before;

  void reserve(std::size_t count) {
    intervals.reserve(count);
    before.reserve(count);
  }

  void add(Interval interval) {
    before.push_back(
        intervals.empty() ? 0 : before.back() + intervals.back().end - intervals.back().start);
    intervals.push_back(interval);
  }

  /// Busy picoseconds in [0, time].
  [[nodiscard]] std::int64_t until(std::int64_t time) const {
    const auto after = std::partition_point(intervals.begin(), intervals.end(),
                                            [&](const Interval& i) { return i.start < time; });
    if (after == intervals.begin()) return 0;
    const auto last = static_cast<std::size_t>(after - intervals.begin()) - 1;
    return before[last] + std::min(time, intervals[last].end) - intervals[last].start;
  }
};

bool is_compute(OpKind kind) { return kind == OpKind::kCompute || kind == OpKind::kUpdate; }

/// What runs on the communication stream; the others have streams of their own.
bool is_communication(OpKind kind) {
  return kind == OpKind::kDispatch || kind == OpKind::kCombine || kind == OpKind::kGradient ||
         kind == OpKind::kTensor || kind == OpKind::kContext;
}

using BusyRanks = std::vector<BusyTime>;

BusyRanks busy_ranks(const TrainingStep& step, const Timeline& timeline, bool (*counts)(OpKind)) {
  std::vector<std::size_t> sizes(static_cast<std::size_t>(step.pipeline_ranks * step.members), 0);
  for (const OpOwner& owner : step.owners) {
    if (counts(owner.kind)) ++sizes[static_cast<std::size_t>(owner.rank)];
  }
  BusyRanks busy(sizes.size());
  for (std::size_t rank = 0; rank < busy.size(); ++rank) busy[rank].reserve(sizes[rank]);
  for (std::size_t op = 0; op < step.owners.size(); ++op) {
    const std::int64_t start = timeline.start[op].count;
    const std::int64_t end = timeline.end[op].count;
    if (counts(step.owners[op].kind) && end > start) {
      busy[static_cast<std::size_t>(step.owners[op].rank)].add({start, end});
    }
  }
  return busy;
}

struct KindName {
  OpKind kind;
  const char* name;
};
constexpr std::array kKinds{
    KindName{OpKind::kDispatch, "dispatch"}, KindName{OpKind::kCombine, "combine"},
    KindName{OpKind::kSend, "pipeline"},     KindName{OpKind::kGradient, "gradient"},
    KindName{OpKind::kTensor, "tensor"},     KindName{OpKind::kContext, "context"},
    KindName{OpKind::kShard, "sharding"}};

constexpr std::array kComputePhases{Phase::kAttentionForward, Phase::kMlpForward,
                                    Phase::kMlpBackward,      Phase::kAttentionBackward,
                                    Phase::kMlpWeight,        Phase::kAttentionWeight};

/// Picoseconds of all ranks together.
struct Sum {
  std::int64_t total = 0;
  std::int64_t covered = 0;
  std::int64_t waiting = 0;
  std::int64_t sharing = 0;
  std::int64_t beside = 0;
};

/// Adds an op that runs beside what `other` is busy with.
void add_op(const StepPlan& plan, const TrainingStep& step, const Timeline& timeline,
            std::size_t op, const BusyRanks& other, Sum& sum) {
  const Picoseconds start = timeline.start[op];
  const Picoseconds end = timeline.end[op];
  const Picoseconds work = step.graph.ops[op].work;
  const BusyTime& busy = other[static_cast<std::size_t>(step.owners[op].rank)];
  sum.total += (end - start).count;
  sum.covered += busy.until(end.count) - busy.until(start.count);
  sum.waiting += (start - timeline.ready[op]).count;
  sum.sharing += (end - start - work).count;
  const OpTimes times = op_times(plan, step, op);
  if (times.even == times.alone) return;
  const double longer = 1 - to_seconds(times.alone) / to_seconds(times.even);
  sum.beside += static_cast<std::int64_t>(static_cast<double>(work.count) * longer);
}

CommunicationKind kind_of(const std::string& name, const Sum& sum, std::size_t ranks) {
  const auto mean = [ranks](std::int64_t picoseconds) {
    return to_seconds(Picoseconds{picoseconds}) / static_cast<double>(ranks);
  };
  return {.name = name,
          .total = mean(sum.total),
          .exposed = mean(sum.total - sum.covered),
          .waiting = mean(sum.waiting),
          .sharing = mean(sum.sharing),
          .beside = mean(sum.beside)};
}

}  // namespace

CommunicationProjection overlap(const StepPlan& plan, const TrainingStep& step,
                                const Timeline& timeline) {
  const BusyRanks compute = busy_ranks(step, timeline, is_compute);
  const BusyRanks communication = busy_ranks(step, timeline, is_communication);
  constexpr std::size_t kKindCount = static_cast<std::size_t>(OpKind::kHost) + 1;
  constexpr std::size_t kPhaseCount = static_cast<std::size_t>(Phase::kAttentionWeight) + 1;
  std::array<Sum, kKindCount> kinds{};
  std::array<Sum, kPhaseCount> phases{};
  for (std::size_t op = 0; op < step.owners.size(); ++op) {
    const OpOwner& owner = step.owners[op];
    if (owner.kind == OpKind::kCompute) {
      add_op(plan, step, timeline, op, communication,
             phases[static_cast<std::size_t>(owner.phase)]);
    } else {
      add_op(plan, step, timeline, op, compute, kinds[static_cast<std::size_t>(owner.kind)]);
    }
  }
  CommunicationProjection result{
      .total = {0}, .exposed = {0}, .waiting = {0}, .hidden_fraction = 1, .kinds = {}};
  for (const KindName& kind : kKinds) {
    const CommunicationKind sum =
        kind_of(kind.name, kinds[static_cast<std::size_t>(kind.kind)], compute.size());
    const bool always = kind.kind < OpKind::kTensor;  // the others come with their parallelism
    if (!always && sum.total.value <= 0) continue;
    result.total += sum.total;
    result.exposed += sum.exposed;
    result.waiting += sum.waiting;
    result.sharing += sum.sharing;
    result.beside += sum.beside;
    result.kinds.push_back(sum);
  }
  for (const Phase phase : kComputePhases) {
    result.compute.push_back(kind_of(std::string(phase_name(phase)),
                                     phases[static_cast<std::size_t>(phase)], compute.size()));
  }
  if (result.total.value > 0) result.hidden_fraction = 1 - result.exposed / result.total;
  return result;
}

}  // namespace windtunnel
