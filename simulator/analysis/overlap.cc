#include "simulator/analysis/overlap.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "simulator/analysis/op_times.h"
#include "simulator/analysis/step_parts.h"

namespace windtunnel {
namespace {

struct Interval {
  std::int64_t start;
  std::int64_t end;
};

/// When a stream of one rank was busy, in time order (a stream runs its ops in order, so they are
/// sorted), with the busy time before each. Questions come about in time order too: each is
/// answered from where the one before it was.
struct BusyTime {
  std::vector<Interval> intervals;
  std::vector<std::int64_t> before;
  std::size_t place = 0;  ///< the first interval that starts no earlier than what was asked last

  void clear() {
    intervals.clear();
    before.clear();
    place = 0;
  }

  void add(Interval interval) {
    before.push_back(
        intervals.empty() ? 0 : before.back() + intervals.back().end - intervals.back().start);
    intervals.push_back(interval);
  }

  /// Busy picoseconds in [0, time].
  std::int64_t until(std::int64_t time) {
    while (place < intervals.size() && intervals[place].start < time) ++place;
    while (place > 0 && intervals[place - 1].start >= time) --place;
    if (place == 0) return 0;
    const Interval& last = intervals[place - 1];
    return before[place - 1] + std::min(time, last.end) - last.start;
  }
};

bool is_compute(OpKind kind) { return kind == OpKind::kCompute || kind == OpKind::kUpdate; }

/// What runs on the communication stream; the others have streams of their own.
bool is_communication(OpKind kind) {
  return kind == OpKind::kDispatch || kind == OpKind::kCombine || kind == OpKind::kGradient ||
         kind == OpKind::kTensor || kind == OpKind::kContext;
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

constexpr std::size_t kKindCount = static_cast<std::size_t>(OpKind::kHost) + 1;
constexpr std::size_t kPhaseCount = static_cast<std::size_t>(Phase::kAttentionWeight) + 1;

struct Sums {
  std::array<Sum, kKindCount> kinds{};
  std::array<Sum, kPhaseCount> phases{};
};

/// Both streams of one simulated rank.
struct BusyRank {
  BusyTime compute;
  BusyTime communication;
};

/// Members that are looked at together: the times of a row's members stand side by side in memory.
constexpr std::int32_t kMembersAtOnce = 8;
using BusyMembers = std::array<BusyRank, kMembersAtOnce>;

struct Members {
  std::int32_t first;
  std::int32_t last;
};

void note_busy(const TrainingStep& step, const Timeline& timeline, RowId row, Members members,
               BusyMembers& busy) {
  const OpKind kind = step.owners[static_cast<std::size_t>(row)].kind;
  if (!is_compute(kind) && !is_communication(kind)) return;
  for (std::int32_t member = members.first; member < members.last; ++member) {
    const auto op = static_cast<std::size_t>(op_id(step.graph, row, member));
    const Interval interval{timeline.start[op].count, timeline.end[op].count};
    if (interval.end <= interval.start) continue;
    BusyRank& rank = busy[static_cast<std::size_t>(member - members.first)];
    (is_compute(kind) ? rank.compute : rank.communication).add(interval);
  }
}

/// The part by which the setting with another chunk beside it lengthens the row's ops.
double longer_beside(const StepPlan& plan, const TrainingStep& step, RowId row) {
  const OpTimes times = op_times(plan, step, op_id(step.graph, row, 0));
  return times.even == times.alone ? 0 : 1 - to_seconds(times.alone) / to_seconds(times.even);
}

/// Adds the ops of a row, each beside what its rank's other stream is busy with.
void add_row(const TrainingStep& step, const Timeline& timeline, RowId row, Members members,
             double longer, BusyMembers& busy, Sums& sums) {
  const RowOwner& owner = step.owners[static_cast<std::size_t>(row)];
  const bool computes = owner.kind == OpKind::kCompute;
  Sum& sum = computes ? sums.phases[static_cast<std::size_t>(owner.phase)]
                      : sums.kinds[static_cast<std::size_t>(owner.kind)];
  for (std::int32_t member = members.first; member < members.last; ++member) {
    const auto op = static_cast<std::size_t>(op_id(step.graph, row, member));
    const Picoseconds start = timeline.start[op];
    const Picoseconds end = timeline.end[op];
    const Picoseconds work = work_of(step.graph, row_at(step.graph, row), member);
    BusyRank& rank = busy[static_cast<std::size_t>(member - members.first)];
    BusyTime& other = computes ? rank.communication : rank.compute;
    sum.total += (end - start).count;
    sum.covered += other.until(end.count) - other.until(start.count);
    sum.waiting += (start - timeline.ready[op]).count;
    sum.sharing += (end - start - work).count;
    sum.beside += static_cast<std::int64_t>(static_cast<double>(work.count) * longer);
  }
}

Sums sums_of(const StepPlan& plan, const TrainingStep& step, const Timeline& timeline) {
  Sums sums;
  BusyMembers busy;
  std::vector<double> longer;
  for (const std::vector<RowId>& rows : rank_ops(step).rows) {
    longer.clear();
    for (const RowId row : rows) longer.push_back(longer_beside(plan, step, row));
    for (std::int32_t first = 0; first < step.members; first += kMembersAtOnce) {
      const Members members{first, std::min(step.members, first + kMembersAtOnce)};
      for (BusyRank& rank : busy) {
        rank.compute.clear();
        rank.communication.clear();
      }
      for (const RowId row : rows) note_busy(step, timeline, row, members, busy);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        add_row(step, timeline, rows[i], members, longer[i], busy, sums);
      }
    }
  }
  return sums;
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
  const Sums sums = sums_of(plan, step, timeline);
  const auto ranks = static_cast<std::size_t>(step.pipeline_ranks * step.members);
  CommunicationProjection result{
      .total = {0}, .exposed = {0}, .waiting = {0}, .hidden_fraction = 1, .kinds = {}};
  for (const KindName& kind : kKinds) {
    const CommunicationKind sum =
        kind_of(kind.name, sums.kinds[static_cast<std::size_t>(kind.kind)], ranks);
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
                                     sums.phases[static_cast<std::size_t>(phase)], ranks));
  }
  if (result.total.value > 0) result.hidden_fraction = 1 - result.exposed / result.total;
  return result;
}

}  // namespace windtunnel
