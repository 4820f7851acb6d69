#include "reports/render/memory_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "reports/render/format.h"
#include "reports/render/svg.h"

namespace windtunnel {
namespace {

constexpr double kWidth = 560;
constexpr double kLeft = 58;
constexpr double kRight = 62;
constexpr double kRow = 20;
constexpr double kBar = 14;
constexpr double kGibibyte = 1073741824.0;
constexpr std::size_t kColours = 8;

// The parts' names over all ranks, in order of first appearance: a name keeps its colour.
std::vector<std::string> part_names(const MemoryProjection& memory) {
  std::vector<std::string> names;
  for (const RankMemory& rank : memory.ranks) {
    for (const MemoryPart& part : rank.parts) {
      if (std::find(names.begin(), names.end(), part.name) == names.end()) {
        names.push_back(part.name);
      }
    }
  }
  return names;
}

std::string colour_of(const std::vector<std::string>& names, const std::string& name) {
  const auto index =
      static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  return fmt::format("c{}{}", index % kColours, index / kColours % 2 == 1 ? " pale" : "");
}

double bytes_of(const RankMemory& rank, const std::string& name) {
  double sum = 0;
  for (const MemoryPart& part : rank.parts) {
    if (part.name == name) sum += part.bytes.value;
  }
  return sum;
}

std::string bar(const RankMemory& rank, const std::vector<std::string>& names, const Scale& scale,
                double y) {
  const std::string label = fmt::format("rank {}", rank.rank);
  std::string out = svg_text(kLeft - 8, y + 11, label, "label end");
  double sum = 0;
  for (const MemoryPart& part : rank.parts) {
    const double x = scale.at(sum / kGibibyte);
    sum += part.bytes.value;
    if (part.bytes.value <= 0) continue;
    out += svg_rect({x, y, scale.at(sum / kGibibyte) - x, kBar}, colour_of(names, part.name),
                    fmt::format("{}: {} {}", label, part.name, format_bytes(part.bytes)));
  }
  return out + svg_text(scale.at(sum / kGibibyte) + 6, y + 11,
                        format_fixed(rank.total.value / kGibibyte, 1), "value halo");
}

DataTable memory_table(const MemoryProjection& memory, const std::vector<std::string>& names) {
  DataTable table;
  table.columns = {{"rank", true}, {"total, GiB", true}};
  for (const std::string& name : names) table.columns.push_back({name + ", GiB", true});
  for (const RankMemory& rank : memory.ranks) {
    std::vector<DataCell> cells = {{fmt::format("{}", rank.rank)},
                                   {format_fixed(rank.total.value / kGibibyte, 2)}};
    for (const std::string& name : names) {
      cells.push_back({format_fixed(bytes_of(rank, name) / kGibibyte, 2)});
    }
    table.rows.push_back(cells);
  }
  return table;
}

std::string capacity_line(const MemoryProjection& memory, const Scale& scale, double top,
                          double bottom) {
  if (!(memory.capacity.value > 0)) return "";
  const double x = scale.at(memory.capacity.value / kGibibyte);
  return svg_line(x, top - 4, x, bottom, "capacity") +
         svg_text(x, top - 8, "holds " + format_bytes(memory.capacity), "strong end");
}

}  // namespace

Figure memory_figure(const MemoryProjection& memory, const std::string& id) {
  const std::vector<std::string> names = part_names(memory);
  std::vector<LegendEntry> entries;
  for (const std::string& name : names) {
    entries.push_back({shorten(name, 40), colour_of(names, name), ""});
  }
  const Legend legend = svg_legend(entries, kLeft, 2, kWidth - kLeft);
  const double top = legend.height + 26;
  const double bottom = top + static_cast<double>(memory.ranks.size()) * kRow + 4;
  const double most = std::max(memory.peak.value, memory.capacity.value) / kGibibyte;
  const Scale scale = {0, most * 1.02, kLeft, kWidth - kRight};

  std::string body = legend.body + svg_axis(scale, top, bottom, "GiB on a GPU", format_fixed);
  double y = top + 3;
  for (const RankMemory& rank : memory.ranks) {
    body += bar(rank, names, scale, y);
    y += kRow;
  }
  body += capacity_line(memory, scale, top, bottom);
  const std::string verdict = memory.fits ? "It fits." : "It does not fit.";
  const SvgFrame frame = {
      id, "Memory by pipeline rank",
      fmt::format("Stacked bars in GiB. Rank {} is the fullest with {} of {}. {}", memory.peak_rank,
                  format_bytes(memory.peak), format_bytes(memory.capacity), verdict),
      kWidth, bottom + 38};
  return {"Memory by pipeline rank",
          fmt::format("The ledger of every rank; rank {} is the fullest with {} of {}. {}",
                      memory.peak_rank, format_bytes(memory.peak), format_bytes(memory.capacity),
                      verdict),
          svg_document(frame, body), memory_table(memory, names), false};
}

}  // namespace windtunnel
