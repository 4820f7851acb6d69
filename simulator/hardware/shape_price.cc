#include "simulator/hardware/shape_price.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "simulator/hardware/author_price.h"
#include "simulator/hardware/link_scaling.h"
#include "simulator/hardware/peer_price.h"
#include "simulator/hardware/price_shelf.h"

namespace windtunnel {
namespace {

std::vector<double> place_of(const std::vector<double>& axes) {
  std::vector<double> place;
  for (double value : axes) place.push_back(std::log2(value));
  return place;
}

/// "between measured shapes: TensorRT-LLM 1.3.0rc20, ...; measured on h100, same chip"
std::string source_text(const Answer& answer, const Surface& surface, const TableSource& source) {
  std::string text;
  if (answer.rejected) {
    text = fmt::format("measured {:.6g} us, rejected: its neighbours agree on another time; ",
                       *answer.rejected * 1e6);
  }
  if (answer.reach == Reach::kBetween) text += "between measured shapes: ";
  if (answer.reach == Reach::kOutside) text += "outside the measured range, at the rate achieved: ";
  text += origin_text(source.stored->manifest, file_of(*surface.rule));
  if (source.measured_on == source.asked_for) return text;
  text += fmt::format("; measured on {}", source.measured_on->id);
  if (is_bound_by_nvlink(surface)) {
    return text + fmt::format(", bytes x {:.4g} for NVLink",
                              source.measured_on->nvlink / source.asked_for->nvlink);
  }
  return text + (surface.rule->binding == Binding::kNvlink ? ", between nodes not moved"
                                                           : ", the same chip");
}

/// Tables of a few shapes say themselves how far off they may be.
Answer with_stated_interval(Answer answer, const TableRule& rule) {
  if (rule.stated_interval <= 0) return answer;
  answer.low = answer.seconds / (1 + rule.stated_interval);
  answer.high = answer.seconds * (1 + rule.stated_interval);
  return answer;
}

/// From the table that goes on where the source's has no such categories.
std::optional<std::vector<Price>> continued(const MeasurementStore& store,
                                            const TableSource& source,
                                            const std::vector<std::string>& categories,
                                            const std::vector<double>& axes) {
  const std::string_view other = source.stored->table.rule->continued_by;
  if (other.empty()) return std::nullopt;
  const auto next = find_source(store, other, *source.asked_for);
  return next ? shape_prices(store, *next, categories, axes) : std::nullopt;
}

/// A sibling with a slower memory is as fast where arithmetic binds, and slower by the ratio of the
/// memories where traffic does. Which of them does was not measured: the ratio ends the interval.
double slowest(const Surface& surface, const TableSource& source) {
  if (is_bound_by_nvlink(surface)) return 1;
  return std::max(1.0, source.measured_on->memory_rate / source.asked_for->memory_rate);
}

Price price_of(const Answer& answer, const Surface& surface, const TableSource& source) {
  const bool outside = answer.reach == Reach::kOutside;
  const bool own = source.measured_on == source.asked_for;
  const Basis basis = outside ? Basis::kEstimated : own ? Basis::kMeasured : Basis::kScaled;
  return {Seconds{answer.seconds}, Seconds{answer.low},
          Seconds{answer.high * slowest(surface, source)},
          Provenance(basis, source_text(answer, surface, source), outside)};
}

/// From the measurements, each time anew.
std::optional<std::vector<Price>> made_prices(const MeasurementStore& store,
                                              const TableSource& source,
                                              const std::vector<std::string>& categories,
                                              const std::vector<double>& axes) {
  if (source.measured_on != source.asked_for) {
    const auto prices = author_prices(store, source, categories, axes);
    if (prices) return prices;
  }
  const MeasurementGroup* group = find_group(source.stored->table, categories);
  const std::vector<double> place = place_of(axes);
  // A GPU of the same design may have been measured where this one wasn't.
  const bool own_chip = source.measured_on == source.asked_for;
  if (own_chip && (group == nullptr || !find_row(group->surfaces.front(), place))) {
    const auto prices = peer_prices(store, source, categories, axes);
    if (prices) return prices;
  }
  if (group == nullptr) return continued(store, source, categories, axes);
  std::vector<Price> prices;
  for (std::size_t value = 0; value < group->surfaces.size(); ++value) {
    const Surface& surface = group->surfaces[value];
    const Answer measured = with_stated_interval(
        look_up(surface, source.stored->calibrations[value], place), *surface.rule);
    const Answer moved =
        moved_to_links(measured, surface, place, *source.measured_on, *source.asked_for);
    prices.push_back(price_of(moved, surface, source));
  }
  return prices;
}

}  // namespace

std::optional<TableSource> find_source(const MeasurementStore& store, std::string_view table,
                                       const Gpu& gpu) {
  if (const StoredTable* own = find_table(store, gpu.id, table))
    return TableSource{own, &gpu, &gpu};
  for (const Sibling& sibling : gpu.siblings) {
    const Gpu* other = find_gpu(store.gpus, sibling.id);
    if (other == nullptr) continue;
    if (const StoredTable* stored = find_table(store, other->id, table)) {
      return TableSource{stored, other, &gpu};
    }
  }
  return std::nullopt;
}

std::optional<std::vector<Price>> shape_prices(const MeasurementStore& store,
                                               const TableSource& source,
                                               const std::vector<std::string>& categories,
                                               const std::vector<double>& axes) {
  return store.prices->of(source, categories, axes,
                          [&] { return made_prices(store, source, categories, axes); });
}

std::vector<Price> known_shape_prices(const MeasurementStore& store, std::string_view table,
                                      const Gpu& gpu, const std::vector<std::string>& categories,
                                      const std::vector<double>& axes) {
  const auto source = find_source(store, table, gpu);
  if (!source) {
    throw std::invalid_argument(fmt::format("no {} measurements for {}", table, gpu.id));
  }
  auto prices = shape_prices(store, *source, categories, axes);
  if (!prices) {
    throw std::invalid_argument(fmt::format("{} of {} has no rows of {}", table,
                                            source->measured_on->id, fmt::join(categories, ", ")));
  }
  return std::move(*prices);
}

}  // namespace windtunnel
