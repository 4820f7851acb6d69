#include "simulator/hardware/peer_price.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace windtunnel {
namespace {

constexpr std::size_t kNearest = 16;
constexpr std::size_t kFewest = 4;

/// ln(here / peer) of one shape and its distance from the one asked for.
struct CommonRow {
  double distance;
  double log_ratio;
};

double distance_between(const TableRule& rule, std::span<const double> a,
                        std::span<const double> b) {
  double distance = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    distance += std::abs(a[i] - b[i]) / rule.axes[i].reach;
  }
  return distance;
}

void add_common_rows(const Surface& here, const Surface& peer, std::span<const double> place,
                     std::vector<CommonRow>& rows) {
  for (std::size_t row = 0; row < here.rows(); ++row) {
    if (!here.usable[row]) continue;
    const auto other = find_row(peer, here.place(row));
    if (!other || !peer.usable[*other]) continue;
    rows.push_back({distance_between(*here.rule, here.place(row), place),
                    std::log(here.seconds[row] / peer.seconds[*other])});
  }
}

/// Sorted ln(here / peer) near `place`.
std::vector<double> log_ratios(const MeasurementTable& here, const MeasurementTable& peer,
                               const std::vector<std::string>& categories, std::size_t value,
                               std::span<const double> place) {
  std::vector<CommonRow> rows;
  const bool measured_here = find_group(here, categories) != nullptr;
  for (const MeasurementGroup& group : here.groups) {
    if (measured_here && group.categories != categories) continue;
    const MeasurementGroup* other = find_group(peer, group.categories);
    if (other == nullptr) continue;
    add_common_rows(group.surfaces[value], other->surfaces[value], place, rows);
  }
  std::sort(rows.begin(), rows.end(),
            [](const CommonRow& a, const CommonRow& b) { return a.distance < b.distance; });
  if (measured_here && rows.size() > kNearest) rows.resize(kNearest);
  std::vector<double> ratios;
  for (const CommonRow& row : rows) ratios.push_back(row.log_ratio);
  std::sort(ratios.begin(), ratios.end());
  return ratios;
}

std::optional<std::vector<Price>> prices_of_peer(const TableSource& source, const Gpu& peer,
                                                 const StoredTable& peer_table,
                                                 const std::vector<std::string>& categories,
                                                 std::span<const double> place) {
  const MeasurementGroup* group = find_group(peer_table.table, categories);
  if (group == nullptr) return std::nullopt;
  std::vector<Price> prices;
  for (std::size_t value = 0; value < group->surfaces.size(); ++value) {
    const Surface& surface = group->surfaces[value];
    const auto row = find_row(surface, place);
    if (!row || !surface.usable[*row]) return std::nullopt;
    const std::vector<double> ratios =
        log_ratios(source.stored->table, peer_table.table, categories, value, place);
    if (ratios.size() < kFewest) return std::nullopt;
    const auto at = [&](double share) {
      return std::exp(
          ratios[static_cast<std::size_t>(share * static_cast<double>(ratios.size() - 1))]);
    };
    const double seconds = surface.seconds[*row];
    prices.push_back(
        {Seconds{seconds * at(0.5)}, Seconds{seconds * at(0.1)}, Seconds{seconds * at(0.9)},
         Provenance(Basis::kScaled,
                    fmt::format("{}; measured on {}, x {:.3g} as near this shape",
                                origin_text(peer_table.manifest, file_of(*peer_table.table.rule)),
                                peer.id, at(0.5)),
                    false)});
  }
  return prices;
}

}  // namespace

std::optional<std::vector<Price>> peer_prices(const MeasurementStore& store,
                                              const TableSource& source,
                                              const std::vector<std::string>& categories,
                                              const std::vector<double>& axes) {
  const Gpu& here = *source.measured_on;
  std::vector<double> place;
  for (double value : axes) place.push_back(std::log2(value));
  for (const Gpu& peer : store.gpus) {
    if (peer.id == here.id || !same_chip(peer, here)) continue;
    const StoredTable* table = find_table(store, peer.id, source.stored->table.rule->table);
    if (table == nullptr) continue;
    const auto prices = prices_of_peer(source, peer, *table, categories, place);
    if (prices) return prices;
  }
  return std::nullopt;
}

}  // namespace windtunnel
