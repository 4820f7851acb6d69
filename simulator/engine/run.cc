// Most ops use no resource: they end at a time that is known as soon as their inputs are, whatever
// else happens, so their times are passed on along the graph at once and in any order. Only ops
// with a route, whose speeds depend on each other, go through the event queue and in order of time.
// Nothing that is passed on from an event lies before it, so the queue never goes back.
//
// Everything that starts or ends at one time is known before speeds are given for what follows.
// This makes the timeline a function of the graph: no order among simultaneous events can show.
#include "simulator/engine/run.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#include "simulator/engine/contention.h"
#include "simulator/engine/deadlock.h"
#include "simulator/engine/event_queue.h"
#include "simulator/engine/speed.h"
#include "simulator/engine/successors.h"

namespace windtunnel {
namespace {

constexpr std::size_t kOpsAReport = 1 << 16;  // some hundredths of a second

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

class Runner {
 public:
  Runner(const OpGraph& graph, const Progress& progress)
      : graph_(graph),
        progress_(progress),
        queue_(graph.routes.shares_end.empty() ? 0 : graph.lanes),
        contention_(graph, queue_) {
    successors_ = successors(graph, timeline_.start);
    timeline_.ready.assign(graph.ops.size(), {0});
    timeline_.end.assign(graph.ops.size(), kNever);
    timeline_.makespan = {0};
    gatherings_.reserve(graph.groups.size());
    for (const Group& group : graph.groups) gatherings_.push_back({{0}, group.members, kNone});
    ended_.reserve(at(graph.lanes));
  }

  Timeline run() {
    for (const OpId op : roots()) gather(op);
    pass_on();
    while (!queue_.empty()) {
      const Picoseconds now = queue_.next().time;
      while (!queue_.empty() && queue_.next().time == now) {
        const Event event = queue_.next();
        if (!contention_.runs(event)) {
          contention_.start(event);
          continue;
        }
        queue_.pop();
        contention_.end(event);
        end(event.op, now);
        pass_on();
      }
      contention_.settle(now);
    }
    if (ended_count_ < graph_.ops.size()) {
      throw std::logic_error(deadlock_message(graph_, timeline_));
    }
    return std::move(timeline_);
  }

 private:
  // The members of a group that are ready, in a list through their start times.
  struct Gathering {
    Picoseconds latest;
    std::int32_t missing;
    OpId last_come;
  };

  std::vector<OpId> roots() const {
    std::vector<OpId> found;
    for (std::size_t i = 0; i < graph_.ops.size(); ++i) {
      if (timeline_.start[i].count == 0) found.push_back(static_cast<OpId>(i));
    }
    return found;
  }

  // Tells everything that waits for an op that has ended. Until it starts, an op's `ready` is the
  // latest end of what has ended, and its `start` counts what has not.
  void pass_on() {
    while (!ended_.empty()) {
      const OpId op = ended_.back();
      ended_.pop_back();
      const Picoseconds now = timeline_.end[at(op)];
      const std::int32_t end = successors_.begin[at(op) + 1];
      for (std::int32_t k = successors_.begin[at(op)]; k < end; ++k) {
        const OpId next = successors_.ops[at(k)];
        Picoseconds& ready = timeline_.ready[at(next)];
        if (ready < now) ready = now;
        if (--timeline_.start[at(next)].count == 0) gather(next);
      }
    }
  }

  // Starts an op that is ready, if it has a group then once all members are.
  void gather(OpId op) {
    const Picoseconds ready = timeline_.ready[at(op)];
    const GroupId group = graph_.ops[at(op)].group;
    if (group == kNone) {
      start(op, ready);
      return;
    }
    Gathering& gathering = gatherings_[at(group)];
    gathering.latest = std::max(gathering.latest, ready);
    timeline_.start[at(op)] = {gathering.last_come};
    gathering.last_come = op;
    if (--gathering.missing > 0) return;
    for (OpId member = op; member != kNone;) {
      const OpId next = static_cast<OpId>(timeline_.start[at(member)].count);
      start(member, gathering.latest);
      member = next;
    }
  }

  void start(OpId id, Picoseconds now) {
    const Op& op = graph_.ops[at(id)];
    timeline_.start[at(id)] = now;
    if (op.route == kNone || op.work.count == 0) {
      end(id, now + op.work);
    } else {
      queue_.set({now, id, op.lane});
    }
  }

  void end(OpId op, Picoseconds now) {
    assert(now <= kEndOfClock);
    timeline_.end[at(op)] = now;
    timeline_.makespan = std::max(timeline_.makespan, now);
    ended_.push_back(op);
    if (++ended_count_ % kOpsAReport == 0 && progress_) {
      progress_(static_cast<double>(ended_count_) / static_cast<double>(graph_.ops.size()));
    }
  }

  const OpGraph& graph_;
  const Progress& progress_;
  Timeline timeline_;
  Successors successors_;
  std::vector<Gathering> gatherings_;  // by group
  std::vector<OpId> ended_;            // and not passed on yet
  std::size_t ended_count_ = 0;
  EventQueue queue_;
  Contention contention_;
};

}  // namespace

Timeline run(const OpGraph& graph, const Progress& progress) {
  return Runner(graph, progress).run();
}

}  // namespace windtunnel
