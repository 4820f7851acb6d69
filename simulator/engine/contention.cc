#include "simulator/engine/contention.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>

namespace windtunnel {

Contention::Contention(const OpGraph& graph, EventQueue& queue) : graph_(graph), queue_(queue) {
  if (graph.routes.shares_end.empty()) return;
  std::int32_t longest = 0;
  for (std::size_t route = 0; route < graph.routes.shares_end.size(); ++route) {
    const auto shares = shares_of(graph.routes, static_cast<RouteId>(route));
    longest = std::max(longest, static_cast<std::int32_t>(shares.size()));
  }
  user_bits_ = static_cast<int>(std::bit_width(static_cast<std::uint32_t>(longest - 1)));
  const std::int32_t lanes = graph.lanes * graph.members;
  assert(lanes <= std::numeric_limits<std::int32_t>::max() >> user_bits_);
  users_.assign(at(lanes) << user_bits_, {kNone, kNone});
  running_.assign(at(lanes), {{0}, {0}, kStandstill, kNone, kNone, false});
  for (const std::int64_t capacity : graph.capacities) {
    links_.push_back({capacity, 0, kNone, kNone, false});
  }
}

std::span<const Share> Contention::shares_of_lane(LaneId lane) const {
  return shares_of(graph_.routes, running_[at(lane)].route);
}

void Contention::start(const Event& event) {
  const Row& row = row_at(graph_, event.row);
  const std::int32_t member = member_on(graph_, row, event.lane);
  Running& running = running_[at(event.lane)];
  assert(running.row == kNone);
  running = {remaining_of(work_of(graph_, row, member)),
             event.time,
             kStandstill,
             event.row,
             route_of(graph_, row, member),
             false};
  ResourceId contended = kNone;
  std::int32_t user = event.lane << user_bits_;
  for (const Share& share : shares_of_lane(event.lane)) {
    Link& link = links_[at(share.resource)];
    assert(link.load <= std::numeric_limits<std::int64_t>::max() - share.demand);
    link.load += share.demand;
    add_user(link, user++);
    if (link.contended()) contended = share.resource;
  }
  if (contended == kNone) {
    change_speed(event.lane, kFullSpeed, event.time);
  } else {
    queue_.set({kEndOfClock, event.row, event.lane});  // until settle() knows better
    touch(contended);  // its other resources are reached through the op itself
  }
}

void Contention::end(const Event& event) {
  assert(runs(event));
  std::int32_t user = event.lane << user_bits_;
  for (const Share& share : shares_of_lane(event.lane)) {
    Link& link = links_[at(share.resource)];
    if (link.contended()) touch(share.resource);
    link.load -= share.demand;
    remove_user(link, user++);
  }
  running_[at(event.lane)].row = kNone;
}

void Contention::add_user(Link& link, std::int32_t user) {
  users_[at(user)] = {kNone, link.first_user};
  if (link.first_user != kNone) users_[at(link.first_user)].previous = user;
  link.first_user = user;
}

void Contention::remove_user(Link& link, std::int32_t user) {
  const User removed = users_[at(user)];
  (removed.previous == kNone ? link.first_user : users_[at(removed.previous)].next) = removed.next;
  if (removed.next != kNone) users_[at(removed.next)].previous = removed.previous;
}

void Contention::touch(ResourceId resource) {
  Link& link = links_[at(resource)];
  if (link.reached) return;
  link.reached = true;
  reached_links_.push_back(resource);
}

// From the touched resources to their users, and on through contended resources. The list of
// reached resources grows while it is walked.
void Contention::reach_component() {
  for (std::size_t k = 0; k < reached_links_.size(); ++k) {
    std::int32_t user = links_[at(reached_links_[k])].first_user;
    for (; user != kNone; user = users_[at(user)].next) {
      const LaneId lane = user >> user_bits_;
      Running& running = running_[at(lane)];
      if (running.reached) continue;
      running.reached = true;
      reached_lanes_.push_back(lane);
      for (const Share& share : shares_of_lane(lane)) {
        if (links_[at(share.resource)].contended()) touch(share.resource);
      }
    }
  }
}

void Contention::state_problem() {
  problem_.capacities.clear();
  for (const ResourceId resource : reached_links_) {
    Link& link = links_[at(resource)];
    if (!link.contended()) continue;
    link.number = static_cast<std::int32_t>(problem_.capacities.size());
    problem_.capacities.push_back(link.capacity);
  }
  problem_.shares.clear();
  problem_.shares_end.clear();
  for (const LaneId lane : reached_lanes_) {
    for (const Share& share : shares_of_lane(lane)) {
      const Link& link = links_[at(share.resource)];
      if (link.contended()) problem_.shares.push_back({link.number, share.demand});
    }
    problem_.shares_end.push_back(static_cast<std::int32_t>(problem_.shares.size()));
  }
}

void Contention::settle(Picoseconds now) {
  if (reached_links_.empty()) return;
  reach_component();
  state_problem();
  max_min(problem_, scratch_, speeds_);
  for (std::size_t k = 0; k < reached_lanes_.size(); ++k) {
    change_speed(reached_lanes_[k], speeds_[k], now);
    running_[at(reached_lanes_[k])].reached = false;
  }
  for (const ResourceId resource : reached_links_) links_[at(resource)].reached = false;
  reached_lanes_.clear();
  reached_links_.clear();
}

void Contention::change_speed(LaneId lane, Speed speed, Picoseconds now) {
  Running& running = running_[at(lane)];
  if (running.speed == speed) return;
  running.remaining = progress(running.remaining, running.speed, now - running.since);
  running.since = now;
  running.speed = speed;
  const Picoseconds end = now + time_to_end(running.remaining, speed);
  assert(end <= kEndOfClock);
  queue_.set({end, running.row, lane});
}

}  // namespace windtunnel
