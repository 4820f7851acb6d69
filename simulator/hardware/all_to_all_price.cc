#include "simulator/hardware/all_to_all_price.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "simulator/hardware/published_all_to_all.h"
#include "simulator/hardware/shape_price.h"

namespace windtunnel {
namespace {

constexpr std::string_view kTable = "deepep_normal";

void check(const AllToAllShape& shape) {
  const bool positive = shape.expert_ranks > 0 && shape.ranks_per_node > 0 && shape.tokens > 0 &&
                        shape.hidden > 0 && shape.top_k > 0 && shape.experts >= shape.top_k &&
                        shape.sms > 0;
  if (!positive) throw std::invalid_argument("an all-to-all shape needs positive sizes");
}

/// The measured number of nodes nearest below `nodes`.
int measured_nodes(const MeasurementTable& table, int nodes) {
  int best = 1;
  for (const MeasurementGroup& group : table.groups) {
    const double measured = std::strtod(group.categories[0].c_str(), nullptr);
    if (measured <= nodes) best = std::max(best, static_cast<int>(measured));
  }
  return best;
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

/// The GPU's own measurements or a sibling's; where those stop at fewer nodes, those of a GPU of
/// the same design that has more.
TableSource source_for_nodes(const MeasurementStore& store, const Gpu& gpu, int nodes) {
  const auto own = find_source(store, kTable, gpu);
  if (!own) throw std::invalid_argument("no deepep_normal measurements for " + gpu.id);
  TableSource best = *own;
  for (const Gpu& peer : store.gpus) {
    if (!same_chip(peer, gpu)) continue;
    const StoredTable* stored = find_table(store, peer.id, kTable);
    if (stored == nullptr) continue;
    if (measured_nodes(stored->table, nodes) > measured_nodes(best.stored->table, nodes)) {
      best = {stored, &peer, &gpu};
    }
  }
  return best;
}

/// From the deepep_normal tables, nodes of eight.
AllToAllPrice measured_price(const MeasurementStore& store, const Gpu& gpu,
                             const AllToAllShape& shape) {
  constexpr int kMeasuredRanksPerNode = 8;
  const int nodes = (shape.expert_ranks + shape.ranks_per_node - 1) / shape.ranks_per_node;
  const TableSource source = source_for_nodes(store, gpu, nodes);
  const MeasurementTable& table = source.stored->table;
  const int measured = measured_nodes(table, nodes);
  const std::string category = std::to_string(measured);
  // More SMs than were tried don't slow it down.
  const double sms = std::min(static_cast<double>(shape.sms), largest_sms(table));
  auto prices =
      shape_prices(store, source, {category},
                   {static_cast<double>(shape.hidden), static_cast<double>(shape.top_k),
                    static_cast<double>(shape.experts), sms, static_cast<double>(shape.tokens)});
  AllToAllPrice price = {prices->at(0), prices->at(1)};
  const bool as_measured = measured == nodes && shape.expert_ranks == nodes * kMeasuredRanksPerNode;
  if (!as_measured) {
    const std::string remark = "; as " + category + " nodes of eight";
    for (Provenance* provenance : {&price.dispatch.provenance, &price.combine.provenance}) {
      provenance->outside_range = true;
      provenance->basis = Basis::kEstimated;
      provenance->source += remark;
    }
  }
  return price;
}

}  // namespace

double expected_groups(int groups, int experts, int top_k, int limit) {
  // Groups are chosen for their best experts, so that each chosen one is met.
  if (groups > limit) return std::min(limit, top_k);
  const int others = experts - experts / groups;
  double missed = 1;  // no expert of one given group among top_k different ones
  for (int i = 0; i < top_k; ++i) {
    missed *= std::max(0.0, static_cast<double>(others - i)) / static_cast<double>(experts - i);
  }
  return groups * (1 - missed);
}

AllToAllPrice all_to_all_price(const MeasurementStore& store, const Gpu& gpu,
                               const AllToAllShape& shape) {
  check(shape);
  const auto published = published_all_to_all(store, gpu, shape);
  return published ? *published : measured_price(store, gpu, shape);
}

}  // namespace windtunnel
