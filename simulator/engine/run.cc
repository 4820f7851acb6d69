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
        successors_(successors(graph)),
        queue_(graph.routes.shares_end.empty() ? 0 : graph.lanes * graph.members),
        contention_(graph, queue_) {
    timeline_.ready.assign(op_count(graph), {0});
    timeline_.start.reserve(op_count(graph));
    for (const std::int32_t waits : successors_.waits) {
      timeline_.start.insert(timeline_.start.end(), at(graph.members), {waits});
    }
    timeline_.end.assign(op_count(graph), kNever);
    timeline_.makespan = {0};
    gatherings_.reserve(graph.groups.size());
    for (const Group& group : graph.groups) gatherings_.push_back({{0}, group.members, kNone});
    ended_.reserve(at(graph.lanes * graph.members));
  }

  Timeline run() {
    start_roots();
    pass_on();
    while (!queue_.empty()) {
      const Picoseconds now = queue_.next().time;
      now_ = now;
      do {
        take_events(now);
        pass_on();
      } while (!queue_.empty() && queue_.next().time == now);
      contention_.settle(now);
    }
    if (ended_count_ < op_count(graph_)) {
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

  // An op by where it stands, which saves dividing its number again and again.
  struct Place {
    RowId row;
    std::int32_t member;
  };

  OpId id_of(Place place) const { return op_id(graph_, place.row, place.member); }
  Place place_of(OpId op) const { return {row_of(graph_, op), member_of(graph_, op)}; }
  Place place_of(const Event& event) const {
    return {event.row, member_on(graph_, row_at(graph_, event.row), event.lane)};
  }

  void take_events(Picoseconds now) {
    while (!queue_.empty() && queue_.next().time == now) {
      const Event event = queue_.next();
      const Place place = place_of(event);
      if (contention_.runs(event)) {
        queue_.pop();
        contention_.end(event);
        end(place, now);
      } else if (is_for_group(place)) {
        queue_.pop();
        for_group(id_of(place), [&](Place member) { start(member, now); });
      } else {
        contention_.start(event);
      }
    }
  }

  // An event of the member that came last is for all of its group, unless it has no route.
  bool is_for_group(Place place) const {
    const GroupId group = group_of(row_at(graph_, place.row), place.member);
    return group != kNone && gatherings_[at(group)].last_come == id_of(place);
  }

  void start_roots() {
    for (std::size_t row = 0; row < graph_.rows.size(); ++row) {
      if (successors_.waits[row] > 0) continue;
      for (std::int32_t member = 0; member < graph_.members; ++member) {
        gather({static_cast<RowId>(row), member});
      }
    }
  }

  // Tells everything that waits for an op that has ended. Until it starts, an op's `ready` is the
  // latest end of what has ended, and its `start` counts what has not.
  void pass_on() {
    while (!ended_.empty()) {
      const Place ended = ended_.back();
      ended_.pop_back();
      const Picoseconds now = timeline_.end[at(id_of(ended))];
      const std::int32_t end = successors_.begin[at(ended.row) + 1];
      for (std::int32_t k = successors_.begin[at(ended.row)]; k < end; ++k) {
        const Place next{successors_.rows[at(k)], ended.member};
        const OpId op = id_of(next);
        Picoseconds& ready = timeline_.ready[at(op)];
        if (ready < now) ready = now;
        if (--timeline_.start[at(op)].count == 0) gather(next);
      }
    }
  }

  // Starts an op that is ready, if it has a group then once all members are.
  void gather(Place place) {
    const OpId op = id_of(place);
    const Picoseconds ready = timeline_.ready[at(op)];
    const GroupId group = group_of(row_at(graph_, place.row), place.member);
    if (group == kNone) {
      start(place, ready);
      return;
    }
    Gathering& gathering = gatherings_[at(group)];
    gathering.latest = std::max(gathering.latest, ready);
    timeline_.start[at(op)] = {gathering.last_come};
    gathering.last_come = op;
    if (--gathering.missing > 0) return;
    const Row& row = row_at(graph_, place.row);
    if (row.routes == kNone || gathering.latest == now_) {
      for_group(op, [&](Place member) { start(member, gathering.latest); });
    } else {  // one event for all of them
      queue_.set({gathering.latest, place.row, lane_of(graph_, row, place.member)});
    }
  }

  // Visits the members of a group, from the one that came last on.
  template <typename Visit>
  void for_group(OpId last_come, Visit visit) {
    for (OpId op = last_come; op != kNone;) {
      const OpId next = static_cast<OpId>(timeline_.start[at(op)].count);
      visit(place_of(op));
      op = next;
    }
  }

  // Starts an op at a time that may be still to come: where it has a route, only an event then will
  // know what it shares.
  void start(Place place, Picoseconds time) {
    const Row& row = row_at(graph_, place.row);
    timeline_.start[at(id_of(place))] = time;
    if (!has_route(row, place.member)) {
      end(place, time + work_of(graph_, row, place.member));
      return;
    }
    const Event event{time, place.row, lane_of(graph_, row, place.member)};
    if (time == now_) {
      contention_.start(event);
    } else {
      queue_.set(event);
    }
  }

  // Ops without work end at once, whatever way they take.
  bool has_route(const Row& row, std::int32_t member) const {
    return route_of(graph_, row, member) != kNone && work_of(graph_, row, member).count > 0;
  }

  void end(Place place, Picoseconds now) {
    assert(now <= kEndOfClock);
    timeline_.end[at(id_of(place))] = now;
    timeline_.makespan = std::max(timeline_.makespan, now);
    ended_.push_back(place);
    if (++ended_count_ % kOpsAReport == 0 && progress_) {
      progress_(static_cast<double>(ended_count_) / static_cast<double>(op_count(graph_)));
    }
  }

  const OpGraph& graph_;
  const Progress& progress_;
  Timeline timeline_;
  Successors successors_;
  std::vector<Gathering> gatherings_;  // by group
  std::vector<Place> ended_;           // and not passed on yet
  std::size_t ended_count_ = 0;
  Picoseconds now_ = kNever;           // the time that the queue is at
  EventQueue queue_;
  Contention contention_;
};

}  // namespace

Timeline run(const OpGraph& graph, const Progress& progress) {
  return Runner(graph, progress).run();
}

}  // namespace windtunnel
