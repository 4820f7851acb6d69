// Every small graph, against the naive solver.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "simulator/engine/run.h"
#include "tests/engine/naive_run.h"

namespace windtunnel {
namespace {

constexpr std::array<std::int64_t, 5> kDemands{5, 8, 3, 6, 4};

// A graph as numbers: bit i of `lanes` and `sharing` belongs to op i, the bits of `edges` to pairs.
struct World {
  int ops;
  unsigned lanes;
  unsigned edges;
  unsigned sharing;
  bool grouped;  // the last two ops start together
  std::array<std::int64_t, 5> works;
};

OpGraph graph_of(const World& world) {
  OpGraph graph;
  graph.add_lane();
  graph.add_lane();
  graph.add_resource(8);
  const GroupId group = world.grouped ? graph.add_group(2) : kNone;
  unsigned edge = 0;
  for (int op = 0; op < world.ops; ++op) {
    std::vector<OpId> inputs;
    for (OpId input = 0; input < op; ++input) {
      if (world.edges >> edge++ & 1) inputs.push_back(input);
    }
    const std::size_t index = static_cast<std::size_t>(op);
    const std::array share{Share{0, kDemands[index]}};
    const std::span<const Share> shares =
        world.sharing >> op & 1 ? std::span<const Share>(share) : std::span<const Share>();
    graph.add_op(static_cast<LaneId>(world.lanes >> op & 1), {world.works[index]}, inputs, shares,
                 op >= world.ops - 2 ? group : kNone);
  }
  return graph;
}

std::optional<Timeline> engine_run(const OpGraph& graph) {
  try {
    return run(graph);
  } catch (const std::logic_error&) {
    return std::nullopt;
  }
}

std::string text(const std::optional<Timeline>& timeline) {
  if (!timeline) return "deadlock";
  std::ostringstream out;
  for (std::size_t op = 0; op < timeline->end.size(); ++op) {
    out << timeline->ready[op].count << ' ' << timeline->start[op].count << ' '
        << timeline->end[op].count << "; ";
  }
  out << timeline->makespan.count;
  return out.str();
}

bool same(const std::optional<Timeline>& a, const std::optional<Timeline>& b) {
  if (!a || !b) return !a && !b;
  return a->ready == b->ready && a->start == b->start && a->end == b->end &&
         a->makespan == b->makespan;
}

void check(const World& world) {
  const OpGraph graph = graph_of(world);
  const std::optional<Timeline> ours = engine_run(graph);
  const std::optional<Timeline> theirs = naive_run(graph);
  if (same(ours, theirs)) return;
  std::ostringstream out;
  out << world.ops << " ops, lanes " << world.lanes << ", edges " << world.edges << ", sharing "
      << world.sharing << (world.grouped ? ", grouped" : "") << ", works";
  for (const std::int64_t work : world.works) out << ' ' << work;
  FAIL() << out.str() << "\n run:   " << text(ours) << "\n naive: " << text(theirs);
}

// Lanes up to renaming (op 0 is on lane 0), all edges, all sharing, with and without a group.
template <typename Visit>
void for_every_shape(int ops, Visit visit) {
  const unsigned edges = 1u << (ops * (ops - 1) / 2);
  for (unsigned lanes = 0; lanes < 1u << ops; lanes += 2) {
    for (unsigned edge = 0; edge < edges; ++edge) {
      for (unsigned sharing = 0; sharing < 1u << ops; ++sharing) {
        visit(World{ops, lanes, edge, sharing, false, {}});
        if (ops > 1) visit(World{ops, lanes, edge, sharing, true, {}});
      }
    }
  }
}

TEST(SmallGraphs, UpToThreeOpsWithAllSmallWorksRunAsTheNaiveSolverSays) {
  for (int ops = 1; ops <= 3; ++ops) {
    for_every_shape(ops, [](World world) {
      for (int code = 0; code < 64; ++code) {
        constexpr std::array<std::int64_t, 4> kWorks{0, 1, 3, 10};
        world.works = {kWorks[static_cast<std::size_t>(code % 4)],
                       kWorks[static_cast<std::size_t>(code / 4 % 4)],
                       kWorks[static_cast<std::size_t>(code / 16)], 0, 0};
        ASSERT_NO_FATAL_FAILURE(check(world));
      }
    });
    if (HasFatalFailure()) return;
  }
}

// The works follow from the shape: different enough for all orders of events to happen.
World with_works(World world) {
  for (unsigned op = 0; op < 5; ++op) {
    const unsigned mixed =
        (world.edges * 40503u + world.lanes * 977u + world.sharing * 31u + op * 2654435761u) >> 7;
    world.works[op] = mixed % 7 * (mixed / 7 % 2 == 0 ? 1 : 5);
  }
  return world;
}

TEST(SmallGraphs, AllOfFourOpsRunAsTheNaiveSolverSays) {
  for_every_shape(4, [](World world) { ASSERT_NO_FATAL_FAILURE(check(with_works(world))); });
}

TEST(SmallGraphs, AllOfFiveOpsRunAsTheNaiveSolverSays) {
  for_every_shape(5, [](World world) {
    // Every shape of graph, each with an eighth of the ways to share.
    if ((world.sharing ^ world.edges) % 8 != 0) return;
    ASSERT_NO_FATAL_FAILURE(check(with_works(world)));
  });
}

RC_GTEST_PROP(SmallGraphs, OpsOnThreeLinksRunAsTheNaiveSolverSays, ()) {
  OpGraph graph;
  for (int link = 0; link < 3; ++link) graph.add_resource(8);
  const int ops = *rc::gen::inRange(2, 8);
  for (OpId op = 0; op < ops; ++op) graph.add_lane();
  for (OpId op = 0; op < ops; ++op) {
    std::vector<OpId> inputs;
    if (op > 0 && *rc::gen::inRange(0, 3) == 0) inputs.push_back(*rc::gen::inRange(0, op));
    std::vector<Share> shares;
    for (ResourceId link = 0; link < 3; ++link) {
      if (*rc::gen::inRange(0, 2) == 0) continue;
      shares.push_back({link, *rc::gen::element<std::int64_t>(2, 4, 8)});
    }
    graph.add_op(*rc::gen::inRange(0, ops), {*rc::gen::inRange(1, 1'000'000)}, inputs, shares);
  }
  // A speed that follows from another that was rounded may lie above its fraction, so that an end
  // on half a picosecond can fall to either side. Every end may pass that on once to each other op.
  const std::optional<Timeline> ours = engine_run(graph);
  const std::optional<Timeline> theirs = naive_run(graph);
  RC_ASSERT(ours && theirs);
  for (std::size_t op = 0; op < ours->end.size(); ++op) {
    RC_ASSERT(std::abs((ours->start[op] - theirs->start[op]).count) <= ops);
    RC_ASSERT(std::abs((ours->end[op] - theirs->end[op]).count) <= ops);
  }
}

// The same ops in a graph of one member, each on its own.
OpGraph one_by_one(const OpGraph& graph) {
  OpGraph single;
  for (int lane = 0; lane < graph.lanes * graph.members; ++lane) single.add_lane();
  for (const std::int64_t capacity : graph.capacities) single.add_resource(capacity);
  for (const Group& group : graph.groups) single.add_group(group.members);
  for (OpId id = 0; id < static_cast<OpId>(op_count(graph)); ++id) {
    const Op op = op_at(graph, id);
    std::vector<OpId> inputs;
    for (const RowId input : inputs_of(graph, row_of(graph, id))) {
      inputs.push_back(op_id(graph, input, member_of(graph, id)));
    }
    const auto shares =
        op.route == kNone ? std::span<const Share>() : shares_of(graph.routes, op.route);
    single.add_op(op.lane, op.work, inputs, shares, op.group);
  }
  for (const LateInput& late : graph.late_inputs) {
    for (int member = 0; member < graph.members; ++member) {
      single.add_input(op_id(graph, late.row, member), op_id(graph, late.input, member));
    }
  }
  return single;
}

std::int32_t random_routes(OpGraph& graph) {
  std::vector<RouteId> routes;
  for (int member = 0; member < graph.members; ++member) {
    std::vector<Share> shares;
    for (ResourceId link = 0; link < 3; ++link) {
      if (*rc::gen::inRange(0, 2) == 0) continue;
      shares.push_back({link, *rc::gen::inRange<std::int64_t>(1, 9)});
    }
    routes.push_back(graph.add_route(shares));
  }
  return graph.add_member_routes(routes);
}

RowGroups random_groups(OpGraph& graph) {
  RowGroups in{.first = kNone, .in_group = *rc::gen::inRange(1, graph.members + 1)};
  for (int first = 0; first < graph.members; first += in.in_group) {
    const GroupId group = graph.add_group(std::min(in.in_group, graph.members - first));
    if (first == 0) in.first = group;
  }
  return in;
}

RC_GTEST_PROP(SmallGraphs, RowsRunAsTheirOpsOneByOne, ()) {
  OpGraph graph;
  graph.members = *rc::gen::inRange(1, 6);
  for (int link = 0; link < 3; ++link) graph.add_resource(8);
  const int rows = *rc::gen::inRange(2, 12);
  for (int lane = 0; lane < 3; ++lane) graph.add_lane();
  for (RowId row = 0; row < rows; ++row) {
    std::vector<RowId> inputs;
    if (row > 0 && *rc::gen::inRange(0, 2) == 0) inputs.push_back(*rc::gen::inRange(0, row));
    std::vector<Picoseconds> works;
    const bool alike = *rc::gen::inRange(0, 3) == 0;
    for (int member = 0; member < (alike ? 1 : graph.members); ++member) {
      works.push_back({*rc::gen::inRange(0, 1'000'000)});
    }
    const std::int32_t routes = *rc::gen::inRange(0, 2) == 0 ? kNone : random_routes(graph);
    const RowGroups in = *rc::gen::inRange(0, 2) == 0 ? RowGroups{} : random_groups(graph);
    graph.add_row(*rc::gen::inRange(0, 3), works, inputs, routes, in);
  }
  for (int late = *rc::gen::inRange(0, 3); late > 0; --late) {
    const RowId row = *rc::gen::inRange(0, rows);
    const RowId input = *rc::gen::inRange(0, rows);
    if (row != input) graph.add_input(row, input);
  }
  RC_ASSERT(same(engine_run(graph), engine_run(one_by_one(graph))));
}

}  // namespace
}  // namespace windtunnel
