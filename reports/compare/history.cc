#include "reports/compare/history.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/render/format.h"
#include "reports/render/ink.h"
#include "reports/render/json_parts.h"
#include "simulator/base/shown_text.h"
#include "simulator/base/threads.h"

namespace windtunnel {
namespace {

constexpr int kWidestName = 60;
constexpr std::size_t kSparks = 24;

std::vector<double> values_of(const HistorySeries& series) {
  std::vector<double> values;
  for (const HistoryPoint& point : series.points) values.push_back(point.seconds);
  return values;
}

/// The last values as blocks of eight heights.
std::string sparks(const std::vector<double>& values) {
  constexpr const char* kBlocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t from = values.size() > kSparks ? values.size() - kSparks : 0;
  const auto [least, most] =
      std::minmax_element(values.begin() + static_cast<long>(from), values.end());
  std::string text;
  for (std::size_t i = from; i < values.size(); ++i) {
    const double height = share(values[i] - *least, *most - *least);
    text += kBlocks[static_cast<int>(7 * height + 0.5)];
  }
  return text;
}

std::string where_text(const HistoryPoint& point) {
  std::string text = point.commit.empty() ? fmt::format("run {}", point.run) : point.commit;
  if (!point.date.empty()) text += ", " + point.date;
  return shown_text(text);
}

}  // namespace

std::vector<History> find_changes(std::vector<HistorySeries> all, const ChangePointRules& rules,
                                  int threads) {
  std::vector<History> histories(all.size());
  parallel_for(static_cast<int>(all.size()), threads, [&](int i) {
    const auto at = static_cast<std::size_t>(i);
    histories[at].changes = change_points(values_of(all[at]), rules);
    histories[at].series = std::move(all[at]);
  });
  return histories;
}

std::string render_history_text(const std::vector<History>& all, bool colour) {
  const Ink ink{colour};
  std::vector<const History*> order;
  for (const History& history : all) order.push_back(&history);
  std::stable_partition(order.begin(), order.end(),
                        [](const History* it) { return !it->changes.empty(); });
  std::size_t widest = 9;
  for (const History& it : all) widest = std::max(widest, shown_text(it.series.benchmark).size());
  const int width = static_cast<int>(std::min<std::size_t>(widest, kWidestName));
  std::string out;
  std::size_t changed = 0;
  for (const History* history : order) {
    const std::vector<HistoryPoint>& points = history->series.points;
    out += fmt::format("{:<{}} {:>10}  {:>4} runs  {}\n",
                       shorten(shown_text(history->series.benchmark), width), width,
                       format_seconds({points.back().seconds}), points.size(),
                       sparks(values_of(history->series)));
    for (const ChangePoint& change : history->changes) {
      const std::string text = fmt::format("  {} since {}", format_change(change.ratio - 1),
                                           where_text(points[change.at]));
      out += (change.ratio > 1 ? ink.bad(text) : ink.good(text)) + "\n";
    }
    changed += history->changes.empty() ? 0 : 1;
  }
  return out +
         fmt::format("\n{}, {} with changes\n", format_number_of(all.size(), "benchmark"), changed);
}

std::string render_history_json(const std::vector<History>& all, const BuildVersion& build) {
  OrderedJson out = document_head("windtunnel/history", {}, build);
  out["series"] = list(all, [](const History& history) {
    const HistorySeries& series = history.series;
    return OrderedJson{{"benchmark", series.benchmark},
                       {"device", series.device},
                       {"regime", series.regime},
                       {"points", list(series.points,
                                       [](const HistoryPoint& point) {
                                         return OrderedJson{{"run", point.run},
                                                            {"commit", point.commit},
                                                            {"date", point.date},
                                                            {"median_s", number(point.seconds)}};
                                       })},
                       {"changes", list(history.changes, [&](const ChangePoint& change) {
                          return OrderedJson{{"run", series.points[change.at].run},
                                             {"commit", series.points[change.at].commit},
                                             {"ratio", number(change.ratio)},
                                             {"p", number(change.p)}};
                        })}};
  });
  return document_text(out);
}

}  // namespace windtunnel
