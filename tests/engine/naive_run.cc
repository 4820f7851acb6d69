#include "tests/engine/naive_run.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "simulator/engine/speed.h"

namespace windtunnel {
namespace {

Int128 divisor_of(Int128 a, Int128 b) { return b == 0 ? a : divisor_of(b, a % b); }

struct Fraction {
  Int128 over;
  Int128 under;

  Fraction(Int128 numerator, Int128 denominator = 1) {
    const Int128 divisor = divisor_of(numerator < 0 ? -numerator : numerator, denominator);
    over = numerator / divisor;
    under = denominator / divisor;
  }
};

Fraction operator-(Fraction a, Fraction b) {
  return {a.over * b.under - b.over * a.under, a.under * b.under};
}
Fraction operator*(Fraction a, Fraction b) { return {a.over * b.over, a.under * b.under}; }
Fraction operator/(Fraction a, Fraction b) { return {a.over * b.under, a.under * b.over}; }
bool operator<(Fraction a, Fraction b) { return a.over * b.under < b.over * a.under; }

enum class State { kWaiting, kReady, kRunning, kEnded };

struct Sim {
  const OpGraph& graph;
  std::size_t count = op_count(graph);
  std::vector<State> states = std::vector<State>(count, State::kWaiting);
  std::vector<Fraction> left = std::vector<Fraction>(count, Fraction(0));
  Timeline timeline{std::vector<Picoseconds>(count),
                    std::vector<Picoseconds>(count),
                    std::vector<Picoseconds>(count),
                    {0}};

  Op of(std::size_t op) const { return op_at(graph, static_cast<OpId>(op)); }

  bool ended(OpId op) const { return states[static_cast<std::size_t>(op)] == State::kEnded; }

  bool can_be_ready(std::size_t op) const {
    for (std::size_t before = 0; before < op; ++before) {
      if (of(before).lane == of(op).lane && states[before] != State::kEnded) {
        return false;
      }
    }
    const RowId row = row_of(graph, static_cast<OpId>(op));
    const auto done = [&](RowId input) {
      return ended(op_id(graph, input, member_of(graph, static_cast<OpId>(op))));
    };
    for (const LateInput& late : graph.late_inputs) {
      if (late.row == row && !done(late.input)) return false;
    }
    return std::ranges::all_of(inputs_of(graph, row), done);
  }

  bool can_start(std::size_t op) const {
    const GroupId group = of(op).group;
    if (group == kNone) return true;
    std::int32_t arrived = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (of(i).group == group && states[i] != State::kWaiting) ++arrived;
    }
    return arrived == graph.groups[static_cast<std::size_t>(group)].members;
  }

  // One change of state at this time, if there is one to make.
  bool change(Picoseconds now) {
    for (std::size_t op = 0; op < count; ++op) {
      if (states[op] == State::kWaiting && can_be_ready(op)) {
        states[op] = State::kReady;
        timeline.ready[op] = now;
        return true;
      }
      if (states[op] == State::kReady && can_start(op)) {
        states[op] = State::kRunning;
        timeline.start[op] = now;
        left[op] = Fraction(of(op).work.count);
        return true;
      }
      if (states[op] == State::kRunning && of(op).work.count == 0) {
        end(op, now);
        return true;
      }
    }
    return false;
  }

  void end(std::size_t op, Picoseconds now) {
    states[op] = State::kEnded;
    timeline.end[op] = now;
    timeline.makespan = now;
  }

  std::span<const Share> shares(std::size_t op) const {
    const RouteId route = of(op).route;
    return route == kNone ? std::span<const Share>() : shares_of(graph.routes, route);
  }

  // Raises all speeds together, and stops the ops of the link that is full first.
  std::vector<Fraction> speeds() const {
    std::vector<Fraction> result(count, Fraction(0));
    std::vector<bool> rising(count);
    for (std::size_t op = 0; op < count; ++op) rising[op] = states[op] == State::kRunning;
    for (;;) {
      Fraction lowest(1);
      std::vector<bool> stopped = rising;  // by full speed, unless a link is full before
      for (std::size_t r = 0; r < graph.capacities.size(); ++r) {
        Fraction capacity(graph.capacities[r]);
        std::int64_t demand = 0;
        std::vector<bool> users(count);
        for (std::size_t op = 0; op < count; ++op) {
          for (const Share& share : shares(op)) {
            if (static_cast<std::size_t>(share.resource) != r) continue;
            if (rising[op]) demand += share.demand;
            users[op] = rising[op];
            capacity = capacity - Fraction(share.demand) * result[op];
          }
        }
        if (demand == 0 || !(capacity / Fraction(demand) < lowest)) continue;
        lowest = capacity / Fraction(demand);
        stopped = users;
      }
      if (std::ranges::none_of(stopped, std::identity())) return result;
      for (std::size_t op = 0; op < count; ++op) {
        if (!stopped[op]) continue;
        result[op] = lowest;
        rising[op] = false;
      }
    }
  }
};

// To the nearest, halves up.
std::int64_t rounded(Fraction a) {
  return static_cast<std::int64_t>((2 * a.over + a.under) / (2 * a.under));
}

}  // namespace

std::optional<Timeline> naive_run(const OpGraph& graph) {
  Sim sim{graph};
  Picoseconds now{0};
  for (;;) {
    while (sim.change(now)) {
    }
    const std::vector<Fraction> speeds = sim.speeds();
    std::optional<std::int64_t> step;
    for (std::size_t op = 0; op < sim.count; ++op) {
      if (sim.states[op] != State::kRunning) continue;
      const std::int64_t time = rounded(sim.left[op] / speeds[op]);
      step = std::min(step.value_or(time), time);
    }
    if (!step) break;
    now += {*step};
    for (std::size_t op = 0; op < sim.count; ++op) {
      if (sim.states[op] != State::kRunning) continue;
      const bool ends = rounded(sim.left[op] / speeds[op]) == *step;
      sim.left[op] = sim.left[op] - speeds[op] * Fraction(*step);
      if (ends) sim.end(op, now);
    }
  }
  if (std::ranges::count(sim.states, State::kEnded) != std::ssize(sim.states)) return std::nullopt;
  return sim.timeline;
}

}  // namespace windtunnel
