#include "simulator/hardware/deepep_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "simulator/base/error.h"
#include "simulator/hardware/expected_groups.h"

namespace windtunnel {
namespace {

constexpr int kExperts = 256;  // of the model that the settings are

/// Logical bytes a second: the latest figure and the range of all dates.
struct Rate {
  double latest = 0;
  double lowest = std::numeric_limits<double>::infinity();
  double highest = 0;
};

/// What a rate was measured with; ordered as the columns of the file.
struct Setting {
  int ranks;
  int ranks_per_node;
  int tokens;
  int hidden;
  int top_k;
  int group_limit;
  int sms;
};

struct Published {
  Setting setting;
  std::array<Rate, 2> rates;  // dispatch, combine
};

double number_between(const CsvTable& file, std::size_t row, std::string_view column, double low,
                      double high) {
  const std::size_t at = file.column(column);
  const double value = file.number(row, at);
  if (value >= low && value <= high) return value;
  throw ConfigError(file.source(row, at), fmt::format("{} is out of range", column),
                    fmt::format("a number from {:g} to {:g}", low, high));
}

Setting setting_of(const CsvTable& file, std::size_t row) {
  const auto whole = [&](std::string_view column, double high) {
    const std::int64_t value = file.integer(row, file.column(column));
    number_between(file, row, column, 1, high);
    return static_cast<int>(value);
  };
  return {.ranks = whole("ep", 1e6),
          .ranks_per_node = whole("ranks_per_node", 1024),
          .tokens = whole("num_tokens", 1e9),
          .hidden = whole("hidden_size", 1e9),
          .top_k = whole("num_topk", kExperts),
          .group_limit = whole("topk_groups", kExperts),
          .sms = whole("num_sms", 1024)};
}

void add(Rate& rate, double value) {
  rate.latest = value;
  rate.lowest = std::min(rate.lowest, value);
  rate.highest = std::max(rate.highest, value);
}

/// A figure's range is at least the median range of the figures that changed between the dates,
/// both ways: the same code on another cluster, or the next version of it.
void widen(std::vector<Published>& all, std::size_t direction) {
  std::vector<double> widths;
  for (const Published& one : all) {
    const double width = one.rates[direction].highest / one.rates[direction].lowest;
    if (width > 1) widths.push_back(width);
  }
  if (widths.empty()) return;
  std::sort(widths.begin(), widths.end());
  const double median = widths[widths.size() / 2];
  for (Published& one : all) {
    Rate& rate = one.rates[direction];
    rate.lowest = std::min(rate.lowest, rate.latest / median);
    rate.highest = std::max(rate.highest, rate.latest * median);
  }
}

/// One entry a setting; the file is in the order of its dates.
std::vector<Published> published_rates(const CsvTable& file) {
  constexpr double kGiga = 1e9;
  std::map<std::array<int, 7>, std::size_t> known;
  std::vector<Published> all;
  for (std::size_t row = 0; row < file.row_count(); ++row) {
    const Setting s = setting_of(file, row);
    const auto [at, is_new] = known.try_emplace(
        {s.ranks, s.ranks_per_node, s.tokens, s.hidden, s.top_k, s.group_limit, s.sms}, all.size());
    if (is_new) all.push_back({s, {}});
    Published& one = all[at->second];
    add(one.rates[0], number_between(file, row, "dispatch_gb_per_s", 0.001, 1e6) * kGiga);
    add(one.rates[1], number_between(file, row, "combine_gb_per_s", 0.001, 1e6) * kGiga);
  }
  widen(all, 0);
  widen(all, 1);
  return all;
}

/// Values that a GPU sends, logically: a token to each distinct rank in a node, to each distinct
/// node else, its own included.
double sent_values(const Setting& setting) {
  const bool in_node = setting.ranks <= setting.ranks_per_node;
  const int groups = in_node ? setting.ranks : setting.ranks / setting.ranks_per_node;
  const int limit = in_node ? setting.ranks : setting.group_limit;
  return static_cast<double>(setting.tokens) * setting.hidden *
         expected_groups(groups, kExperts, setting.top_k, limit);
}

}  // namespace

std::vector<AuthorTime> deepep_times(const MeasurementStore& store, const Gpu& gpu) {
  const CsvTable* file = find_published(store, gpu.id, "deepep", "normal");
  if (file == nullptr) return {};
  const std::string origin = published_origin(store, gpu.id, "deepep", "normal");
  // A 4-byte scale for each 128 values of one byte; two bytes a value on the way back.
  constexpr double kBytesPerValue[] = {1 + 4.0 / 128, 2};
  std::vector<AuthorTime> times;
  for (const auto& [setting, rates] : published_rates(*file)) {
    const int nodes = (setting.ranks + setting.ranks_per_node - 1) / setting.ranks_per_node;
    AuthorTime time = {
        .categories = {std::to_string(nodes)},
        .place = {std::log2(setting.hidden), std::log2(setting.top_k), std::log2(kExperts),
                  std::log2(setting.sms), std::log2(setting.tokens)},
        .seconds = {},
        .range = {},
        .origin = origin};
    for (std::size_t direction = 0; direction < 2; ++direction) {
      const double bytes = sent_values(setting) * kBytesPerValue[direction];
      const Rate& rate = rates[direction];
      time.seconds.push_back(bytes / rate.latest);
      time.range.emplace_back(bytes / rate.highest, bytes / rate.lowest);
    }
    times.push_back(std::move(time));
  }
  return times;
}

}  // namespace windtunnel
