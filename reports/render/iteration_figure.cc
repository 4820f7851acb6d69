#include "reports/render/iteration_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>

#include "reports/render/format.h"
#include "reports/render/svg.h"
#include "simulator/analysis/iteration_timeline.h"

namespace windtunnel {
namespace {

constexpr double kLeft = 128;
constexpr double kRight = 62;
constexpr double kRow = 24;
constexpr double kBar = 16;
constexpr std::size_t kNamed = 7;  // the longest kinds have a colour of their own
constexpr const char* kOthers = "others";

/// "product 64 x 7168 x 2048" is a product.
std::string kind_of(const std::string& kernel) {
  std::string kind = kernel.substr(0, kernel.find_first_of("0123456789"));
  if (kind.ends_with(" of ")) kind.resize(kind.size() - 4);
  while (!kind.empty() && (kind.back() == ' ' || kind.back() == ',')) kind.pop_back();
  return kind.empty() ? kernel : kind;
}

struct Row {
  std::string name;
  std::map<std::string, double> seconds;  // by kind
  double sum;
  double iteration;
};

/// On the compute stream or, `transfers`, beside it: collectives between kernels are on it.
Row row_of(const IterationProjection& it, bool transfers) {
  Row row = {it.name + (transfers ? ", transfers" : ", compute"), {}, 0, it.time.value};
  for (const IterationTerm& term : it.terms) {
    if (is_transfer_stage(term.stage) != transfers) continue;
    const double seconds = time_in_layer(term, it).value * term.layers * it.micro_batches;
    row.seconds[kind_of(term.kernel)] += seconds;
    row.sum += seconds;
  }
  return row;
}

std::vector<Row> rows_of(const std::vector<IterationProjection>& iterations) {
  std::vector<Row> rows;
  for (const IterationProjection& it : iterations) {
    for (const bool transfers : {false, true}) {
      Row row = row_of(it, transfers);
      if (row.sum > 0) rows.push_back(std::move(row));
    }
  }
  return rows;
}

/// How much of its transfers is hidden: none of those between the kernels of the compute stream.
std::string transfer_words(const IterationProjection& it) {
  if (it.transfers.value > 0) {
    return fmt::format("{} of its transfers beside computation hidden",
                       format_percent(it.hidden_fraction));
  }
  const bool any = std::any_of(it.terms.begin(), it.terms.end(),
                               [](const IterationTerm& term) { return term.transfer; });
  return any ? "its transfers between computation, none hidden" : "no transfers";
}

/// The kinds that take the largest shares of their iterations, and `others` last.
std::vector<std::string> named_kinds(const std::vector<Row>& rows) {
  std::map<std::string, double> shares;
  for (const Row& row : rows) {
    for (const auto& [kind, seconds] : row.seconds) shares[kind] += share(seconds, row.iteration);
  }
  std::vector<std::string> names;
  for (const auto& [kind, part] : shares) names.push_back(kind);
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return shares[a] > shares[b];
  });
  if (names.size() > kNamed) {
    names.resize(kNamed);
    names.emplace_back(kOthers);
  }
  return names;
}

double seconds_of(const Row& row, const std::string& name, const std::vector<std::string>& names) {
  if (name != kOthers) {
    const auto found = row.seconds.find(name);
    return found == row.seconds.end() ? 0 : found->second;
  }
  double rest = row.sum;
  for (const std::string& other : names) {
    if (other != kOthers) rest -= seconds_of(row, other, names);
  }
  return std::max(rest, 0.0);
}

std::string fill_of(std::size_t index, const std::string& id) {
  return index % 2 == 0 ? std::string() : fmt::format("url(#{}-p{})", id, index);
}

std::string css_of(std::size_t index) {
  return index % 2 == 0 ? fmt::format("c{}", index) : std::string("part");
}

std::string bar(const Row& row, const std::vector<std::string>& names, const Scale& scale, double y,
                const std::string& id) {
  std::string out = svg_text(kLeft - 8, y + 12, row.name, "label end");
  double sum = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double seconds = seconds_of(row, names[i], names);
    if (!(seconds > 0)) continue;
    const double x = scale.at(100 * share(sum, row.iteration));
    sum += seconds;
    std::string rect =
        svg_rect({x, y, scale.at(100 * share(sum, row.iteration)) - x, kBar}, css_of(i),
                 fmt::format("{}: {} {}, {}", row.name, names[i], format_seconds({seconds}),
                             format_percent(share(seconds, row.iteration))));
    if (i % 2 == 1) rect.insert(5, fmt::format(" fill=\"{}\"", fill_of(i, id)));
    out += rect;
  }
  return out + svg_text(scale.at(100 * share(sum, row.iteration)) + 6, y + 12,
                        format_seconds({row.sum}), "value halo");
}

DataTable table_of(const std::vector<Row>& rows, const std::vector<std::string>& names) {
  DataTable table = {{{"stream", false}, {"iteration", true}, {"together", true}}, {}};
  for (const std::string& name : names) table.columns.push_back({name, true});
  for (const Row& row : rows) {
    std::vector<DataCell> cells = {
        {row.name}, {format_seconds({row.iteration})}, {format_seconds({row.sum})}};
    for (const std::string& name : names) {
      cells.push_back({format_seconds({seconds_of(row, name, names)})});
    }
    table.rows.push_back(cells);
  }
  return table;
}

}  // namespace

Figure iteration_figure(const std::vector<IterationProjection>& iterations, const std::string& id) {
  const std::vector<Row> rows = rows_of(iterations);
  const std::vector<std::string> names = named_kinds(rows);
  std::vector<LegendEntry> entries;
  std::string body;
  for (std::size_t i = 0; i < names.size(); ++i) {
    entries.push_back({shorten(names[i], 40), css_of(i), fill_of(i, id)});
    if (i % 2 == 1) body += svg_hatch(fmt::format("{}-p{}", id, i), fmt::format("p{}", i));
  }
  const Legend legend = svg_legend(entries, 0, 2, kHalfWidth);
  const double top = legend.height + 8;
  const double bottom = top + static_cast<double>(rows.size()) * kRow + 6;
  double most = 100;
  for (const Row& row : rows) most = std::max(most, 100 * share(row.sum, row.iteration));
  const Scale scale = {0, most, kLeft, kHalfWidth - kRight};
  body += legend.body + svg_axis(scale, top, bottom, "% of the iteration", format_fixed);
  body += svg_line(scale.at(100), top - 4, scale.at(100), bottom, "capacity");
  double y = top + 5;
  std::string words;
  for (const Row& row : rows) {
    body += bar(row, names, scale, y, id);
    y += kRow;
  }
  for (const IterationProjection& it : iterations) {
    words += fmt::format("{}: {}, {}. ", it.name, format_seconds(it.time), transfer_words(it));
  }
  const SvgFrame frame = {id, "What an iteration is made of", "Stacked bars. " + words, kHalfWidth,
                          bottom + 38};
  return {"What an iteration is made of",
          words +
              "The line is the iteration's end. What compute leaves to it are gaps between "
              "launches and exposed transfers.",
          svg_document(frame, body), table_of(rows, names), false};
}

}  // namespace windtunnel
