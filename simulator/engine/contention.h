// The ops that use resources now, and how fast they are.
//
// A resource whose users ask for no more than its capacity can't slow any of them: the sum of d s
// is at most the sum of d. Only *contended* resources (load above capacity) are constraints, and an
// op on none of them runs at full speed. What an op that comes or goes can change is therefore
// limited to the ops connected with it through contended resources; these are solved again, and
// nothing is solved where no contended resource was touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "simulator/engine/event_queue.h"
#include "simulator/engine/max_min.h"
#include "simulator/engine/op_graph.h"
#include "simulator/engine/speed.h"

namespace windtunnel {

/// Keeps the ends of running ops with a route in the queue. Of the ops of a lane one runs at a
/// time, so that everything about running ops is kept by lane.
class Contention {
 public:
  /// Both must outlive this.
  Contention(const OpGraph& graph, EventQueue& queue);

  /// Whether it is this op that its lane runs.
  bool runs(const Event& event) const { return running_[at(event.lane)].row == event.row; }

  /// Starts an op that has a route and work to do; its lane's event becomes its end.
  void start(const Event& event);

  /// Ends an op that runs; its lane has no event any more.
  void end(const Event& event);

  /// Gives new speeds to all ops that the starts and ends at this time concern.
  void settle(Picoseconds now);

 private:
  struct Running {
    Remaining remaining;  // at `since`
    Picoseconds since;
    Speed speed;
    RowId row;  // kNone: the lane runs none
    RouteId route;
    bool reached;
  };
  struct Link {
    std::int64_t capacity;
    std::int64_t load;        // of its users at full speed
    std::int32_t first_user;  // kNone: unused
    std::int32_t number;      // within the problem that is being solved
    bool reached;

    bool contended() const { return load > capacity; }
  };
  // A place in the list of a resource's users. Those of a lane stand side by side, one for each
  // share that its op may have.
  struct User {
    std::int32_t previous;
    std::int32_t next;
  };

  static std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }
  std::span<const Share> shares_of_lane(LaneId lane) const;
  void add_user(Link& link, std::int32_t user);
  void remove_user(Link& link, std::int32_t user);
  void touch(ResourceId resource);
  void reach_component();
  void state_problem();
  void change_speed(LaneId lane, Speed speed, Picoseconds now);

  const OpGraph& graph_;
  EventQueue& queue_;
  std::vector<Running> running_;
  std::vector<Link> links_;
  std::vector<User> users_;
  int user_bits_ = 0;  // a user's lane is its number without the last bits

  std::vector<ResourceId> reached_links_;  // before settle(): the touched ones
  std::vector<LaneId> reached_lanes_;
  MaxMinProblem problem_;
  MaxMinScratch scratch_;
  std::vector<Speed> speeds_;
};

}  // namespace windtunnel
