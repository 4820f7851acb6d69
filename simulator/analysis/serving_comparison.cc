#include "simulator/analysis/serving_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace windtunnel {
namespace {

using Reading = std::optional<ProjectedQuantity>;

Reading exact(double value) { return ProjectedQuantity{.value = value, .low = {}, .high = {}}; }

Reading of(const Interval& interval) {
  return ProjectedQuantity{interval.value, interval.low, interval.high};
}

/// The unit whose GPUs are fullest.
const UnitMemory& fullest(const ServingProjection& projection) {
  return *std::max_element(
      projection.memory.begin(), projection.memory.end(),
      [](const UnitMemory& a, const UnitMemory& b) { return a.total < b.total; });
}

bool all_fit(const ServingProjection& projection) {
  return std::all_of(projection.memory.begin(), projection.memory.end(),
                     [](const UnitMemory& unit) { return unit.fits; });
}

/// The fewest GPUs of the scenario's own kind.
Reading fewest(const ServingProjection& projection) {
  for (const FitsOn& it : projection.fits_on) {
    if (it.gpu == projection.scenario.gpu && it.gpus) return exact(*it.gpus);
  }
  return {};
}

using Read = Reading (*)(const ServingProjection&);
struct QuantityRow {
  std::string_view name;
  Read read;
};

constexpr std::array kQuantities{
    QuantityRow{"memory_total",
                [](const ServingProjection& p) -> Reading {
                  const UnitMemory& unit = fullest(p);
                  return ProjectedQuantity{unit.total.value, unit.low.value, unit.high.value};
                }},
    QuantityRow{"memory_fits",
                [](const ServingProjection& p) { return exact(all_fit(p) ? 1 : 0); }},
    QuantityRow{"memory_gpus", [](const ServingProjection& p) { return fewest(p); }},
    QuantityRow{"memory_checkpoint",
                [](const ServingProjection& p) { return exact(p.checkpoint_bytes); }},
    QuantityRow{"kv_bytes_per_token",
                [](const ServingProjection& p) { return exact(p.kv_bytes_per_token); }},
    QuantityRow{"mtp_speedup",
                [](const ServingProjection& p) -> Reading {
                  return p.rates ? of(p.rates->mtp_speedup) : Reading{};
                }},
    QuantityRow{"prefill_tokens_per_s_per_gpu",
                [](const ServingProjection& p) -> Reading {
                  return p.rates ? of(p.rates->prefill_tokens_per_s_per_gpu) : Reading{};
                }},
    QuantityRow{"decode_tokens_per_s_per_gpu",
                [](const ServingProjection& p) -> Reading {
                  return p.rates ? of(p.rates->decode_tokens_per_s_per_gpu) : Reading{};
                }},
    QuantityRow{"ttft_s",
                [](const ServingProjection& p) -> Reading {
                  return p.rates ? of(p.rates->ttft_s) : Reading{};
                }},
    QuantityRow{"tpot_s", [](const ServingProjection& p) -> Reading {
                  return p.rates ? of(p.rates->tpot_s) : Reading{};
                }}};

std::string provenance_of(std::string_view quantity, const ServingProjection& projection) {
  if (quantity.starts_with("memory") || quantity == "kv_bytes_per_token") {
    return "computed from the architecture and the assumptions";
  }
  const BasisShares& shares = projection.shares;
  return fmt::format("{:.0f} % measured, {:.0f} % scaled, {:.0f} % estimated",
                     100 * shares.measured, 100 * shares.scaled, 100 * shares.estimated);
}

}  // namespace

std::optional<ProjectedQuantity> serving_quantity(std::string_view name,
                                                  const ServingProjection& projection) {
  for (const QuantityRow& row : kQuantities) {
    if (row.name == name) return row.read(projection);
  }
  return {};
}

std::vector<ComparisonRow> compare_serving(const PublishedFile& file,
                                           const ServingProjection& projection, bool changed) {
  std::vector<ComparisonRow> rows;
  for (const PublishedFigure& figure : file.figures) {
    const auto quantity = serving_quantity(figure.quantity.value, projection);
    if (!quantity) {
      std::vector<std::string> known;
      for (const QuantityRow& row : kQuantities) {
        if (serving_quantity(row.name, projection)) known.emplace_back(row.name);
      }
      reject_quantity(figure.quantity, known);
    }
    rows.push_back(comparison_row(file, figure, *quantity,
                                  provenance_of(figure.quantity.value, projection), changed));
  }
  return rows;
}

}  // namespace windtunnel
