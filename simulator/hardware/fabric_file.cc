#include "simulator/hardware/fabric_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "simulator/base/error.h"

namespace windtunnel {
namespace {

constexpr FabricKind kKinds[] = {FabricKind::kTwoLayerFatTree, FabricKind::kThreeLayerFatTree,
                                 FabricKind::kMultiPlaneFatTree, FabricKind::kRailOptimised};
constexpr Routing kRoutings[] = {Routing::kAdaptive, Routing::kEcmp, Routing::kStatic};

Fields<PriceSplit> split_fields() {
  const Range price = between(Dollars{0}, Dollars{1e7});
  return Fields<PriceSplit>("fabric.prices.splits")
      .required("switch", &PriceSplit::of_switch, price, "a switch")
      .required("link", &PriceSplit::link, price, "a link between switches")
      .required("endpoint", &PriceSplit::endpoint, price, "a GPU's NIC with its cable");
}

Names<PriceBasis> price_bases() {
  Names<PriceBasis> bases;
  for (const PriceBasis basis :
       {PriceBasis::kPublished, PriceBasis::kSolved, PriceBasis::kAssumed}) {
    bases.rows.emplace_back(std::string(price_basis_name(basis)), basis);
  }
  return bases;
}

Fields<FabricPrices> price_fields() {
  const Range price = between(Dollars{0}, Dollars{1e7});
  return Fields<FabricPrices>("fabric.prices")
      .required("switch", &FabricPrices::of_switch, price, "a switch")
      .required("link", &FabricPrices::link, price, "a link between switches")
      .required("endpoint", &FabricPrices::endpoint, price, "a GPU's NIC with its cable")
      .required("basis", &FabricPrices::basis, price_bases(),
                "published one by one, solved from totals of whole networks, or assumed")
      .custom("splits", &FabricPrices::splits, split_fields().form(), false,
              "prices that fit as well: the range of the cost")
      .required("source", &FabricPrices::source, "where the three prices are from");
}

[[noreturn]] void reject_at(const Node& root, const std::string& key, const std::string& message,
                            const std::string& accepted) {
  throw ConfigError(source_of(root, "fabric." + key), message, accepted);
}

/// Oversubscriptions that divide `ports` into whole links, of which a switch has room for `most`.
std::string whole_ratios(int ports, int most) {
  std::string text;
  for (int ratio = 1; ratio <= ports; ++ratio) {
    if (ports % ratio != 0 || ports / ratio > most) continue;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", ratio);
  }
  return fmt::format("{}, or {} over another whole number of links below {}", text, ports,
                     std::min(ports, most));
}

void check_ratio(const Node& root, const std::string& key, int ports, int most, double ratio) {
  const double links = ports / ratio;
  if (links >= 1 && std::abs(links - std::round(links)) < 1e-6) return;
  reject_at(root, key,
            fmt::format("{} ports divided by {:g} are no whole number of links", ports, ratio),
            whole_ratios(ports, std::max(1, most)));
}

void check_ports(const Node& root, const Fabric& fabric, int gpus_per_node) {
  check_ratio(root, "oversubscription", fabric.leaf_down, fabric.radix - fabric.leaf_down,
              fabric.oversubscription);
  const int wanted = fabric.leaf_down + uplinks(fabric);
  if (wanted > fabric.radix) {
    reject_at(root, "leaf_down",
              fmt::format("a leaf needs {} ports towards GPUs and {} towards spines, of {}",
                          fabric.leaf_down, uplinks(fabric), fabric.radix),
              "fewer, or more oversubscription");
  }
  const int of_node = gpus_per_node / leaves_of_node(fabric, gpus_per_node);
  if (fabric.leaf_down % of_node != 0) {
    reject_at(root, "leaf_down",
              fmt::format("{} ports do not divide over the {} GPUs that a node hangs on a leaf",
                          fabric.leaf_down, of_node),
              fmt::format("a multiple of {}", of_node));
  }
}

/// Keys that only one kind has are there for it and for no other.
template <typename T>
void check_only(const Node& root, const std::string& key, const std::optional<T>& value,
                FabricKind kind, const Fabric& fabric) {
  if (value.has_value() == (fabric.kind == kind)) return;
  reject_at(root, value ? key : "kind",
            value ? fmt::format("a {} has no {}", fabric_kind_name(fabric.kind), key)
                  : fmt::format("a {} needs {}", fabric_kind_name(kind), key),
            value ? fmt::format("kind = \"{}\", or no {}", fabric_kind_name(kind), key)
                  : fmt::format("{} in [fabric]", key));
}

void check_layers(const Node& root, const Fabric& fabric, int gpus_per_node) {
  check_only(root, "planes", fabric.planes, FabricKind::kMultiPlaneFatTree, fabric);
  check_only(root, "core_oversubscription", fabric.core_oversubscription,
             FabricKind::kThreeLayerFatTree, fabric);
  if (fabric.planes && gpus_per_node % *fabric.planes != 0) {
    reject_at(
        root, "planes",
        fmt::format("{} planes do not divide the {} GPUs of a node", *fabric.planes, gpus_per_node),
        fmt::format("a divisor of {}", gpus_per_node));
  }
  if (fabric.core_oversubscription) {
    const int down = fabric.radix / 2;
    check_ratio(root, "core_oversubscription", down, down, *fabric.core_oversubscription);
  }
  if (fabric.kind == FabricKind::kRailOptimised && gpus_per_node > fabric.radix) {
    reject_at(root, "radix",
              fmt::format("a spine of {} ports can't join the {} rails of a node", fabric.radix,
                          gpus_per_node),
              fmt::format("at least {}", gpus_per_node));
  }
}

/// "512 as a two_layer_fat_tree": what the other kinds would join.
std::string nodes_of_kinds(Fabric fabric, int gpus_per_node) {
  std::string text;
  for (const FabricKind kind : kKinds) {
    if (kind == FabricKind::kRailOptimised && gpus_per_node > fabric.radix) continue;
    const bool whole =
        kind == FabricKind::kTwoLayerFatTree || kind == FabricKind::kThreeLayerFatTree;
    if (whole && fabric.leaf_down % gpus_per_node != 0) continue;
    fabric.kind = kind;
    fabric.planes =
        kind == FabricKind::kMultiPlaneFatTree ? std::optional(gpus_per_node) : std::nullopt;
    text += fmt::format("{}{} as a {}", text.empty() ? "" : ", ", most_nodes(fabric, gpus_per_node),
                        fabric_kind_name(kind));
  }
  return "of these switches: " + text;
}

void check_nodes(const Node& root, const Fabric& fabric, int nodes, int gpus_per_node) {
  const int most = most_nodes(fabric, gpus_per_node);
  if (nodes > most) {
    throw ConfigError(
        source_of(root, "nodes"),
        fmt::format("a {} of {}-port switches joins {} nodes of {} GPUs, not {}",
                    fabric_kind_name(fabric.kind), fabric.radix, most, gpus_per_node, nodes),
        nodes_of_kinds(fabric, gpus_per_node));
  }
}

/// What a list of links that are down says of `count` leaves or pods with `links` each.
struct FailedLinks {
  const char* key;
  const char* link;
  const char* of;
  int count;
  int links;
};

/// Those are there, and each keeps a link.
void check_failed(const Node& root, const std::vector<int>& failed, const FailedLinks& it) {
  for (const int number : failed) {
    const auto down = std::count(failed.begin(), failed.end(), number);
    if (number < it.count && down < it.links) continue;
    reject_at(root, it.key,
              number >= it.count ? fmt::format("there is no {} {}", it.of, number)
                                 : fmt::format("no {} of {} {} is left", it.link, it.of, number),
              fmt::format("numbers 0 to {}, each fewer than {} times", it.count - 1, it.links));
  }
}

void check_links(const Node& root, const Fabric& fabric, int nodes, int gpus_per_node) {
  const int leaves = fabric_size(fabric, nodes, gpus_per_node).leaves;
  check_failed(root, fabric.failed_uplinks,
               {"failed_uplinks", "uplink", "leaf", leaves, uplinks(fabric)});
  if (fabric.failed_core_links.empty()) return;
  const int pods = pod_of(fabric, leaves - 1) + 1;
  if (pod_uplinks(fabric) == 0 || pods < 2) {
    reject_at(root, "failed_core_links", "no pods are joined by cores here",
              "a three_layer_fat_tree of more than one pod, or no failed_core_links");
  }
  check_failed(root, fabric.failed_core_links,
               {"failed_core_links", "core link", "pod", pods, pod_uplinks(fabric)});
}

}  // namespace

Fields<Fabric> fabric_fields() {
  Names<FabricKind> kinds;
  for (const FabricKind kind : kKinds) {
    kinds.rows.emplace_back(std::string(fabric_kind_name(kind)), kind);
  }
  Names<Routing> routings;
  for (const Routing routing : kRoutings) {
    routings.rows.emplace_back(std::string(routing_name(routing)), routing);
  }
  const Range ratio = between(1.0, 1024.0);  // below 1 a layer has more links than it can fill
  return Fields<Fabric>("fabric")
      .required("kind", &Fabric::kind, kinds, "how switches are joined")
      .required("radix", &Fabric::radix, between(2, 1024), "ports of a switch")
      .required("leaf_down", &Fabric::leaf_down, between(1, 1023), "of a leaf's, towards GPUs")
      .required("oversubscription", &Fabric::oversubscription, ratio,
                "a leaf's ports towards GPUs over those towards spines")
      .optional("core_oversubscription", &Fabric::core_oversubscription, ratio,
                "of three layers: an upper switch's ports towards leaves over those to cores")
      .optional("planes", &Fabric::planes, between(1, 1024),
                "of a multi-plane tree: GPU i of a node is on plane i modulo planes")
      .required("link_rate", &Fabric::link_rate, between(BytesPerSecond{1e6}, BytesPerSecond{1e13}),
                "what a link between switches is sold as, one direction")
      .required("hop_latency", &Fabric::hop_latency, between(Seconds{0}, Seconds{1e-3}),
                "of every switch beyond the first, which `scale_out.latency` holds")
      .required("routing", &Fabric::routing, routings, "how a flow finds its uplink")
      .optional("failed_uplinks", &Fabric::failed_uplinks, between(0, 1'000'000),
                "a leaf's number for every uplink of it that is down")
      .optional("failed_core_links", &Fabric::failed_core_links, between(0, 1'000'000),
                "of three layers: a pod's number for every link of it to the cores that is down")
      .table("prices", &Fabric::prices, price_fields(), "what the network costs to buy")
      .required("source", &Fabric::source, "where the network is from");
}

void check_fabric(const Node& root, const Fabric& fabric, int nodes, int gpus_per_node) {
  check_layers(root, fabric, gpus_per_node);
  check_ports(root, fabric, gpus_per_node);
  check_nodes(root, fabric, nodes, gpus_per_node);
  check_links(root, fabric, nodes, gpus_per_node);
}

}  // namespace windtunnel
