#include "simulator/hardware/published_all_to_all.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "simulator/base/error.h"
#include "simulator/hardware/shape_price.h"

namespace windtunnel {
namespace {

/// Logical bytes per second of one number of ranks: the latest figure and the range of all dates.
struct Rate {
  double latest;
  double lowest;
  double highest;
};

struct PublishedRow {
  int ranks;
  Rate dispatch;
  Rate combine;
};

/// The settings shared by all rows of the file.
struct Settings {
  int ranks_per_node;
  double tokens;
  double hidden;
  int top_k;
  int group_limit;
  int sms;
};

/// A number of the file from `low` to `high`; throws ConfigError at its cell.
double positive(const CsvTable& file, std::size_t row, std::string_view column, double low,
                double high) {
  const std::size_t at = file.column(column);
  const double value = file.number(row, at);
  if (value >= low && value <= high) return value;
  throw ConfigError(file.source(row, at), fmt::format("{} is out of range", column),
                    fmt::format("a number from {:g} to {:g}", low, high));
}

Settings settings_of(const CsvTable& file) {
  const auto whole = [&](std::string_view column) {
    return static_cast<int>(positive(file, 0, column, 1, 1e9));
  };
  return {whole("ranks_per_node"),
          static_cast<double>(whole("num_tokens")),
          static_cast<double>(whole("hidden_size")),
          whole("num_topk"),
          whole("topk_groups"),
          whole("num_sms")};
}

void add(Rate& rate, double value) {
  rate.latest = value;
  rate.lowest = std::min(rate.lowest, value);
  rate.highest = std::max(rate.highest, value);
}

/// A figure's range is at least the median range of the figures that changed between the dates,
/// both ways: the same code on another cluster, or the next version of it.
void widen(std::vector<PublishedRow>& rows, Rate PublishedRow::*member) {
  std::vector<double> widths;
  for (const PublishedRow& row : rows) {
    const double width = (row.*member).highest / (row.*member).lowest;
    if (width > 1) widths.push_back(width);
  }
  if (widths.empty()) return;
  std::sort(widths.begin(), widths.end());
  const double median = widths[widths.size() / 2];
  for (PublishedRow& row : rows) {
    Rate& rate = row.*member;
    rate.lowest = std::min(rate.lowest, rate.latest / median);
    rate.highest = std::max(rate.highest, rate.latest * median);
  }
}

/// One row a number of ranks, ascending; the file is in the order of its dates.
std::vector<PublishedRow> published_rows(const CsvTable& file) {
  constexpr double kGiga = 1e9;
  const double none = std::numeric_limits<double>::infinity();
  std::vector<PublishedRow> rows;
  for (std::size_t i = 0; i < file.row_count(); ++i) {
    const int ranks = static_cast<int>(positive(file, i, "ep", 1, 1e6));
    auto at = std::find_if(rows.begin(), rows.end(),
                           [&](const PublishedRow& row) { return row.ranks >= ranks; });
    if (at == rows.end() || at->ranks != ranks) {
      at = rows.insert(at, {ranks, {0, none, 0}, {0, none, 0}});
    }
    add(at->dispatch, positive(file, i, "dispatch_gb_per_s", 0.001, 1e6) * kGiga);
    add(at->combine, positive(file, i, "combine_gb_per_s", 0.001, 1e6) * kGiga);
  }
  widen(rows, &PublishedRow::dispatch);
  widen(rows, &PublishedRow::combine);
  return rows;
}

/// The rates for `ranks`: published, or linear in log2(ranks) between two of the same kind of link.
PublishedRow rates_for(const std::vector<PublishedRow>& rows, int ranks, int ranks_per_node) {
  const auto after = std::find_if(rows.begin(), rows.end(),
                                  [&](const PublishedRow& row) { return row.ranks >= ranks; });
  if (after == rows.end()) return rows.back();
  const bool in_node = ranks <= ranks_per_node;
  if (after->ranks == ranks || after == rows.begin() || in_node) return *after;
  const PublishedRow& before = *(after - 1);
  if (before.ranks <= ranks_per_node) return *after;
  const double weight = std::log2(static_cast<double>(ranks) / before.ranks) /
                        std::log2(static_cast<double>(after->ranks) / before.ranks);
  const auto mix = [&](const Rate& a, const Rate& b) {
    const auto line = [&](double x, double y) { return x + weight * (y - x); };
    return Rate{line(a.latest, b.latest), line(a.lowest, b.lowest), line(a.highest, b.highest)};
  };
  return {ranks, mix(before.dispatch, after->dispatch), mix(before.combine, after->combine)};
}

/// How often a token is sent, logically: to each distinct rank in a node, to each distinct node
/// else, its own included.
struct LogicalCopies {
  int nodes;
  double asked;
  double published;  ///< with the settings' top-k
};

LogicalCopies logical_copies(const AllToAllShape& shape, const Settings& settings) {
  const bool in_node = shape.expert_ranks <= settings.ranks_per_node;
  const int nodes = (shape.expert_ranks + shape.ranks_per_node - 1) / shape.ranks_per_node;
  const int groups = in_node ? shape.expert_ranks : nodes;
  const int limit = in_node ? shape.expert_ranks : settings.group_limit;
  return {nodes, expected_groups(groups, shape.experts, shape.top_k, limit),
          expected_groups(groups, shape.experts, settings.top_k, limit)};
}

/// What a sibling GPU shows of one direction, on as many nodes as it was measured on: the seconds
/// of one token, of the published tokens, and of as many tokens as have the bytes asked for.
struct Curve {
  double one_token;
  double published;
  double asked;
};

/// Dispatch and combine, or nothing where no sibling was measured.
std::optional<std::array<Curve, 2>> sibling_curves(const MeasurementStore& store, const Gpu& gpu,
                                                   const Settings& settings, int nodes,
                                                   double equivalent_tokens) {
  constexpr double kExperts = 256;  // of the model that the settings are
  const auto source = find_source(store, "deepep_normal", gpu);
  if (!source || source->measured_on == &gpu) return std::nullopt;
  const auto at = [&](double tokens) -> std::optional<std::array<double, 2>> {
    for (int measured = nodes; measured >= 1; --measured) {
      const MeasurementGroup* group = find_group(source->stored->table, {std::to_string(measured)});
      if (group == nullptr) continue;
      const std::vector<double> place = {std::log2(settings.hidden), std::log2(settings.top_k),
                                         std::log2(kExperts), std::log2(settings.sms),
                                         std::log2(tokens)};
      std::array<double, 2> seconds{};
      for (std::size_t value = 0; value < 2; ++value) {
        const Calibration& calibration = source->stored->calibrations[value];
        seconds[value] = look_up(group->surfaces[value], calibration, place).seconds;
      }
      return seconds;
    }
    return std::nullopt;
  };
  const auto one = at(1), published = at(settings.tokens), asked = at(equivalent_tokens);
  if (!one || !published || !asked) return std::nullopt;
  return std::array<Curve, 2>{Curve{(*one)[0], (*published)[0], (*asked)[0]},
                              Curve{(*one)[1], (*published)[1], (*asked)[1]}};
}

/// One direction: bytes at the published settings and as asked for.
struct Transfer {
  double published_bytes;
  double bytes;
  std::optional<Curve> curve;
};

/// From the published time `published`, by bytes above the latency.
double by_bytes(const Transfer& transfer, double published) {
  const double latency = transfer.curve ? std::min(transfer.curve->one_token, published) : 0;
  return latency + (published - latency) * transfer.bytes / transfer.published_bytes;
}

/// The same along the sibling's curve, moved so that it meets the published time.
double by_curve(const Transfer& transfer, double published) {
  if (!transfer.curve) return by_bytes(transfer, published);
  const Curve& curve = *transfer.curve;
  const double latency = std::min(curve.one_token, published);
  const double growth = curve.published - curve.one_token;
  return latency + (published - latency) * std::max(0.0, curve.asked - curve.one_token) / growth;
}

/// Along the curve; the interval holds the rates of all dates, and both ways to get there.
Price transfer_price(const Transfer& transfer, const Rate& rate, const Provenance& provenance) {
  const double fast = transfer.published_bytes / rate.highest;
  const double slow = transfer.published_bytes / rate.lowest;
  return {Seconds{by_curve(transfer, transfer.published_bytes / rate.latest)},
          Seconds{std::min(by_curve(transfer, fast), by_bytes(transfer, fast))},
          Seconds{std::max(by_curve(transfer, slow), by_bytes(transfer, slow))}, provenance};
}

}  // namespace

std::optional<AllToAllPrice> published_all_to_all(const MeasurementStore& store, const Gpu& gpu,
                                                  const AllToAllShape& shape) {
  const CsvTable* file = find_published(store, gpu.id, "deepep", "normal");
  if (file == nullptr || file->row_count() == 0) return std::nullopt;
  const Settings settings = settings_of(*file);
  const std::vector<PublishedRow> rows = published_rows(*file);
  const PublishedRow row = rates_for(rows, shape.expert_ranks, settings.ranks_per_node);

  const LogicalCopies copies = logical_copies(shape, settings);
  // A 4-byte scale for each 128 values of one byte; two bytes a value on the way back.
  constexpr double kDispatchBytes = 1 + 4.0 / 128, kCombineBytes = 2;
  const double values =
      static_cast<double>(shape.tokens) * static_cast<double>(shape.hidden) * copies.asked;
  const double published_values = settings.tokens * settings.hidden * copies.published;

  const bool is_published = std::any_of(rows.begin(), rows.end(), [&](const PublishedRow& other) {
    return other.ranks == shape.expert_ranks;
  });
  const bool exact = is_published && values == published_values && shape.top_k == settings.top_k;
  const bool outside = shape.expert_ranks > rows.back().ranks ||
                       shape.expert_ranks < rows.front().ranks ||
                       shape.ranks_per_node != settings.ranks_per_node || shape.sms < settings.sms;
  const Manifest* manifest = find_manifest(store, gpu.id, "deepep");
  const std::string origin = manifest == nullptr ? "DeepEP" : origin_text(*manifest, "normal");
  const Provenance provenance(exact && !outside ? Basis::kMeasured : Basis::kEstimated,
                              exact
                                  ? origin
                                  : fmt::format("by bytes from {:.0f} tokens of {:.0f} values: {}",
                                                settings.tokens, settings.hidden, origin),
                              outside);
  const auto curves = sibling_curves(store, gpu, settings, copies.nodes,
                                     settings.tokens * values / published_values);
  const auto transfer = [&](double bytes_per_value, std::size_t direction) {
    return Transfer{published_values * bytes_per_value, values * bytes_per_value,
                    curves ? std::optional<Curve>((*curves)[direction]) : std::nullopt};
  };
  return AllToAllPrice{transfer_price(transfer(kDispatchBytes, 0), row.dispatch, provenance),
                       transfer_price(transfer(kCombineBytes, 1), row.combine, provenance)};
}

}  // namespace windtunnel
