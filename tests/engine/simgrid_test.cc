// The engine against SimGrid's fluid model of networks, where libsimgrid-dev is installed: flows of
// some bytes, each with a rate that it can't exceed, over links that they share max-min.
//
// The engine is fair between speeds and SimGrid between rates; with one rate for all flows of a
// case these are the same. A process has one SimGrid engine, so all cases run in one platform, on
// hosts and links of their own.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <simgrid/s4u.hpp>
#include <string>
#include <vector>

#include "simulator/base/random.h"
#include "simulator/engine/run.h"

namespace windtunnel {
namespace {

struct FlowCase {
  std::vector<int> links;
  std::int64_t bytes;
  double start;  ///< seconds
};

struct SharingCase {
  std::int64_t rate;  ///< the most of a flow, bytes per second
  std::vector<std::int64_t> capacities;
  std::vector<FlowCase> flows;
};

/// A number from `low` to below `high`.
std::int64_t drawn(std::uint64_t a, std::uint64_t b, std::int64_t low, std::int64_t high) {
  const auto span = static_cast<std::uint64_t>(high - low);
  return low + static_cast<std::int64_t>(mix(a, b, 77) % span);
}

SharingCase sharing_case(std::uint64_t seed) {
  SharingCase drawn_case{.rate = drawn(seed, 0, 100, 1000), .capacities = {}, .flows = {}};
  const std::int64_t links = drawn(seed, 1, 1, 6);
  for (std::int64_t link = 0; link < links; ++link) {
    drawn_case.capacities.push_back(drawn(seed, 100 + static_cast<std::uint64_t>(link), 50, 2000));
  }
  const std::int64_t flows = drawn(seed, 2, 1, 9);
  for (std::uint64_t flow = 0; flow < static_cast<std::uint64_t>(flows); ++flow) {
    FlowCase one{.links = {},
                 .bytes = drawn(seed, 300 + flow, 1'000, 50'000),
                 .start = static_cast<double>(drawn(seed, 400 + flow, 0, 50))};
    for (int link = 0; link < links; ++link) {
      if (mix(seed, flow, static_cast<std::uint64_t>(link), 5) % 2 == 0) one.links.push_back(link);
    }
    if (one.links.empty()) one.links.push_back(static_cast<int>(flow) % static_cast<int>(links));
    drawn_case.flows.push_back(std::move(one));
  }
  return drawn_case;
}

/// When each flow ends, in seconds. A delay is an op of its lane before it.
std::vector<double> engine_ends(const SharingCase& sharing) {
  OpGraph graph;
  std::vector<ResourceId> links;
  for (const std::int64_t capacity : sharing.capacities)
    links.push_back(graph.add_resource(capacity));
  std::vector<OpId> ops;
  for (const FlowCase& flow : sharing.flows) {
    const LaneId lane = graph.add_lane();
    graph.add_op(lane, to_picoseconds({flow.start}), {});
    std::vector<Share> shares;
    for (const int link : flow.links) {
      shares.push_back({links[static_cast<std::size_t>(link)], sharing.rate});
    }
    const Seconds alone{static_cast<double>(flow.bytes) / static_cast<double>(sharing.rate)};
    ops.push_back(graph.add_op(lane, to_picoseconds(alone), {}, shares));
  }
  const Timeline timeline = run(graph);
  std::vector<double> ends;
  for (const OpId op : ops)
    ends.push_back(to_seconds(timeline.end[static_cast<std::size_t>(op)]).value);
  return ends;
}

namespace s4u = simgrid::s4u;

/// Hosts and links of one case, and an actor a flow that notes when it has ended.
void add_case(s4u::NetZone* zone, const std::string& name, const SharingCase& sharing,
              std::vector<double>& ends) {
  std::vector<s4u::Link*> links;
  for (const std::int64_t capacity : sharing.capacities) {
    const std::string link = name + "l" + std::to_string(links.size());
    links.push_back(zone->create_link(link, static_cast<double>(capacity))->set_latency(0)->seal());
  }
  ends.resize(sharing.flows.size());
  for (std::size_t index = 0; index < ends.size(); ++index) {
    const FlowCase& flow = sharing.flows[index];
    const std::string host = name + "h" + std::to_string(index);
    s4u::Host* from = zone->create_host(host + "a", 1e9)->seal();
    s4u::Host* to = zone->create_host(host + "b", 1e9)->seal();
    // A link of its own holds it to its rate.
    s4u::Link* own =
        zone->create_link(host, static_cast<double>(sharing.rate))->set_latency(0)->seal();
    std::vector<s4u::LinkInRoute> route{s4u::LinkInRoute(own)};
    for (const int link : flow.links) route.emplace_back(links[static_cast<std::size_t>(link)]);
    zone->add_route(from->get_netpoint(), to->get_netpoint(), nullptr, nullptr, route, true);
    double& end = ends[index];
    s4u::Actor::create(host, from, [from, to, flow, &end] {
      s4u::this_actor::sleep_for(flow.start);
      s4u::Comm::sendto(from, to, static_cast<std::uint64_t>(flow.bytes));
      end = s4u::Engine::get_clock();
    });
  }
}

/// When each flow of each case ends by SimGrid, without its models of TCP.
std::vector<std::vector<double>> simgrid_ends(const std::vector<SharingCase>& cases) {
  std::string words[] = {"simgrid_test",
                         "--cfg=network/model:CM02",
                         "--cfg=network/crosstraffic:0",
                         "--cfg=network/TCP-gamma:0",
                         "--cfg=maxmin/precision:1e-9",
                         "--cfg=surf/precision:1e-9",
                         "--log=root.thresh:critical"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  int count = static_cast<int>(arguments.size());
  s4u::Engine engine(&count, arguments.data());
  s4u::NetZone* zone = s4u::create_full_zone("all");
  std::vector<std::vector<double>> ends(cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    add_case(zone, "c" + std::to_string(i), cases[i], ends[i]);
  }
  zone->seal();
  engine.run();
  return ends;
}

// 300 cases of up to 8 flows over up to 5 links, most of them contended.
TEST(SimGrid, EndsEveryFlowWhenTheEngineDoes) {
  std::vector<SharingCase> cases;
  for (std::uint64_t seed = 0; seed < 300; ++seed) cases.push_back(sharing_case(seed));
  const std::vector<std::vector<double>> expected = simgrid_ends(cases);
  int slowed = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::vector<double> ends = engine_ends(cases[i]);
    for (std::size_t flow = 0; flow < ends.size(); ++flow) {
      EXPECT_NEAR(ends[flow] / expected[i][flow], 1, 1e-6) << "case " << i << ", flow " << flow;
      const FlowCase& one = cases[i].flows[flow];
      const double alone =
          one.start + static_cast<double>(one.bytes) / static_cast<double>(cases[i].rate);
      slowed += ends[flow] > alone * 1.01 ? 1 : 0;
    }
  }
  EXPECT_GT(slowed, 500);
}

}  // namespace
}  // namespace windtunnel
