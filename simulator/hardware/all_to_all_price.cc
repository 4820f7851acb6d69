#include "simulator/hardware/all_to_all_price.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <stdexcept>
#include <string>

#include "simulator/hardware/author_price.h"
#include "simulator/hardware/deepep_times.h"
#include "simulator/hardware/expected_groups.h"
#include "simulator/hardware/shape_price.h"

namespace windtunnel {
namespace {

constexpr int kMeasuredRanksPerNode = 8;

void check(const AllToAllShape& shape) {
  const bool positive = shape.expert_ranks > 0 && shape.ranks_per_node > 0 && shape.tokens > 0 &&
                        shape.hidden > 0 && shape.top_k > 0 && shape.experts >= shape.top_k &&
                        shape.sms > 0;
  if (!positive) throw std::invalid_argument("an all-to-all shape needs positive sizes");
}

std::set<int> measured_nodes(const MeasurementTable& table) {
  std::set<int> nodes;
  for (const MeasurementGroup& group : table.groups) {
    nodes.insert(static_cast<int>(std::strtol(group.categories[0].c_str(), nullptr, 10)));
  }
  return nodes;
}

double largest_sms(const MeasurementTable& table) {
  constexpr std::size_t kSmsAxis = 3;
  double largest = 0;
  if (table.groups.empty()) throw std::invalid_argument("a deepep_normal table without rows");
  const Surface& surface = table.groups.front().surfaces.front();
  for (std::size_t row = 0; row < surface.rows(); ++row) {
    largest = std::max(largest, std::exp2(surface.place(row)[kSmsAxis]));
  }
  return std::round(largest);
}

/// Whose table answers for a number of nodes: the GPU's own or a sibling's, with what was published
/// of the GPU itself; where both stop at fewer nodes, that of another GPU of the same chip.
std::map<int, TableSource> sources_by_nodes(const MeasurementStore& store, const Gpu& gpu) {
  const auto own = find_source(store, kDeepepTable, gpu);
  if (!own) throw std::invalid_argument("no deepep_normal measurements for " + gpu.id);
  std::map<int, TableSource> sources;
  for (const int nodes : measured_nodes(own->stored->table)) sources.emplace(nodes, *own);
  if (own->measured_on != own->asked_for) {
    for (const AuthorGroup& group : author_ratios(store, *own).groups) {
      const long nodes = std::strtol(group.categories[0].c_str(), nullptr, 10);
      sources.emplace(static_cast<int>(nodes), *own);
    }
  }
  for (const Gpu& peer : store.gpus) {
    if (!same_chip(peer, gpu)) continue;
    const StoredTable* stored = find_table(store, peer.id, kDeepepTable);
    if (stored == nullptr) continue;
    for (const int nodes : measured_nodes(stored->table)) {
      sources.emplace(nodes, TableSource{stored, &peer, &gpu});
    }
  }
  return sources;
}

AllToAllPrice price_on(const MeasurementStore& store, const AllToAllShape& shape, int nodes,
                       const TableSource& source) {
  // More SMs than were tried don't slow it down.
  const double sms = std::min(static_cast<double>(shape.sms), largest_sms(source.stored->table));
  const auto prices =
      shape_prices(store, source, {std::to_string(nodes)},
                   {static_cast<double>(shape.hidden), static_cast<double>(shape.top_k),
                    static_cast<double>(shape.experts), sms, static_cast<double>(shape.tokens)});
  return {prices->at(0), prices->at(1)};
}

/// Between two measured numbers of nodes, linear in the logarithms.
Price between(const Price& below, const Price& above, double weight) {
  const auto line = [&](Seconds a, Seconds b) {
    return Seconds{std::exp(std::log(a.value) * (1 - weight) + std::log(b.value) * weight)};
  };
  return {line(below.time, above.time), line(below.low, above.low), line(below.high, above.high),
          Provenance(Basis::kEstimated, "between two numbers of nodes: " + above.provenance.source,
                     below.provenance.outside_range || above.provenance.outside_range)};
}

Price moved_outside(Price price, double factor, const std::string& how) {
  return {price.time * factor, price.low * factor, price.high * factor,
          Provenance(Basis::kEstimated, price.provenance.source + "; " + how, true)};
}

AllToAllPrice moved_outside(const AllToAllPrice& price, double factor, const std::string& how) {
  return {moved_outside(price.dispatch, factor, how), moved_outside(price.combine, factor, how)};
}

/// A group of `shape.expert_ranks` on full nodes of eight.
AllToAllPrice price_of_nodes(const MeasurementStore& store, const Gpu& gpu,
                             const AllToAllShape& shape, int nodes) {
  const auto sources = sources_by_nodes(store, gpu);
  const auto above = sources.lower_bound(nodes);
  const auto on = [&](const auto& entry) {
    return price_on(store, shape, entry->first, entry->second);
  };
  if (above != sources.end() && above->first == nodes) return on(above);
  if (above == sources.end() || above == sources.begin() || std::prev(above)->first == 1) {
    const auto nearest = above == sources.end() ? std::prev(above) : above;
    return moved_outside(on(nearest), 1, fmt::format("as {} nodes of eight", nearest->first));
  }
  const auto below = std::prev(above);
  const double weight = std::log2(static_cast<double>(nodes) / below->first) /
                        std::log2(static_cast<double>(above->first) / below->first);
  const AllToAllPrice a = on(below), b = on(above);
  return {between(a.dispatch, b.dispatch, weight), between(a.combine, b.combine, weight)};
}

}  // namespace

AllToAllPrice all_to_all_price(const MeasurementStore& store, const Gpu& gpu,
                               const AllToAllShape& shape) {
  check(shape);
  const int nodes = (shape.expert_ranks + shape.ranks_per_node - 1) / shape.ranks_per_node;
  const AllToAllPrice price = price_of_nodes(store, gpu, shape, nodes);
  if (shape.expert_ranks == nodes * kMeasuredRanksPerNode) return price;
  if (nodes > 1) return moved_outside(price, 1, fmt::format("as {} nodes of eight", nodes));
  // In a node the bytes go with the distinct ranks that a token meets.
  const auto ranks = [&](int count) {
    return expected_groups(count, shape.experts, shape.top_k, count);
  };
  return moved_outside(price, ranks(shape.expert_ranks) / ranks(kMeasuredRanksPerNode),
                       "as a node of eight, by its bytes");
}

}  // namespace windtunnel
