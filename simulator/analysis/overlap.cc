#include "simulator/analysis/overlap.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace windtunnel {
namespace {

struct Interval {
  std::int64_t start;
  std::int64_t end;
};

/// Compute intervals of one rank in time order (a stream runs its ops in order, so they are
/// sorted), with the busy time before each, for O(log n) coverage queries.
struct BusyTime {
  std::vector<Interval> intervals;
  std::vector<std::int64_t> before;

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

struct KindName {
  OpKind kind;
  const char* name;
};
constexpr std::array kKinds{
    KindName{OpKind::kDispatch, "dispatch"}, KindName{OpKind::kCombine, "combine"},
    KindName{OpKind::kSend, "pipeline"},     KindName{OpKind::kGradient, "gradient"},
    KindName{OpKind::kTensor, "tensor"},     KindName{OpKind::kContext, "context"},
    KindName{OpKind::kShard, "sharding"}};

}  // namespace

CommunicationProjection overlap(const TrainingStep& step, const Timeline& timeline) {
  const auto ranks = static_cast<std::size_t>(step.pipeline_ranks * step.members);
  std::vector<BusyTime> busy(ranks);
  for (std::size_t op = 0; op < step.owners.size(); ++op) {
    const std::int64_t start = timeline.start[op].count;
    const std::int64_t end = timeline.end[op].count;
    if (is_compute(step.owners[op].kind) && end > start) {
      busy[static_cast<std::size_t>(step.owners[op].rank)].add({start, end});
    }
  }
  const double per_rank = 1.0 / static_cast<double>(ranks);
  CommunicationProjection result{
      .total = {0}, .exposed = {0}, .waiting = {0}, .hidden_fraction = 1, .kinds = {}};
  for (const KindName& kind : kKinds) {
    CommunicationKind sum{.name = kind.name, .total = {0}, .exposed = {0}, .waiting = {0}};
    for (std::size_t op = 0; op < step.owners.size(); ++op) {
      if (step.owners[op].kind != kind.kind) continue;
      const Picoseconds length = timeline.end[op] - timeline.start[op];
      const BusyTime& compute = busy[static_cast<std::size_t>(step.owners[op].rank)];
      const Picoseconds covered{compute.until(timeline.end[op].count) -
                                compute.until(timeline.start[op].count)};
      sum.total += to_seconds(length) * per_rank;
      sum.exposed += to_seconds(length - covered) * per_rank;
      sum.waiting += to_seconds(timeline.start[op] - timeline.ready[op]) * per_rank;
    }
    const bool always = kind.kind < OpKind::kTensor;  // the others come with their parallelism
    if (!always && sum.total.value <= 0) continue;
    result.total += sum.total;
    result.exposed += sum.exposed;
    result.waiting += sum.waiting;
    result.kinds.push_back(sum);
  }
  if (result.total.value > 0) result.hidden_fraction = 1 - result.exposed / result.total;
  return result;
}

}  // namespace windtunnel
