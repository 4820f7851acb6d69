#include "reports/render/memory_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "reports/render/format.h"
#include "reports/render/svg.h"

namespace windtunnel {
namespace {

constexpr double kLeft = 58;
constexpr double kRight = 62;
constexpr double kRow = 20;
constexpr double kBar = 14;
constexpr std::size_t kColours = 8;

struct Bar {
  std::string label;
  Bytes total;
  const std::vector<MemoryPart>& parts;
};

// The parts' names over all bars, in order of first appearance: a name keeps its colour.
std::vector<std::string> part_names(const std::vector<Bar>& bars) {
  std::vector<std::string> names;
  for (const Bar& bar : bars) {
    for (const MemoryPart& part : bar.parts) {
      if (std::find(names.begin(), names.end(), part.name) == names.end()) {
        names.push_back(part.name);
      }
    }
  }
  return names;
}

/// Every second part is striped, so that neighbours differ without colour, too.
struct Fill {
  std::string css;
  std::string pattern;  // url(#...) or empty
};

Fill fill_of(const std::vector<std::string>& names, const std::string& name,
             const std::string& id) {
  const auto index =
      static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  const char* pale = index / kColours % 2 == 1 ? " pale" : "";
  if (index % 2 == 0) return {fmt::format("c{}{}", index % kColours, pale), ""};
  return {fmt::format("part{}", pale), fmt::format("url(#{}-p{})", id, index % kColours)};
}

std::string patterns(const std::string& id) {
  std::string out;
  for (std::size_t i = 1; i < kColours; i += 2) {
    out += svg_hatch(fmt::format("{}-p{}", id, i), fmt::format("p{}", i));
  }
  return out;
}

double bytes_of(const Bar& bar, const std::string& name) {
  double sum = 0;
  for (const MemoryPart& part : bar.parts) {
    if (part.name == name) sum += part.bytes.value;
  }
  return sum;
}

std::string drawn(const Bar& bar, const std::vector<std::string>& names, const Scale& scale,
                  double y, const std::string& id) {
  std::string out = svg_text(kLeft - 8, y + 11, bar.label, "label end");
  double sum = 0;
  for (const MemoryPart& part : bar.parts) {
    const double x = scale.at(sum / kGibibyte);
    sum += part.bytes.value;
    if (part.bytes.value <= 0) continue;
    const Fill fill = fill_of(names, part.name, id);
    std::string rect =
        svg_rect({x, y, scale.at(sum / kGibibyte) - x, kBar}, fill.css,
                 fmt::format("{}: {} {}", bar.label, part.name, format_bytes(part.bytes)));
    if (!fill.pattern.empty()) rect.insert(5, fmt::format(" fill=\"{}\"", fill.pattern));
    out += rect;
  }
  return out + svg_text(scale.at(sum / kGibibyte) + 6, y + 11,
                        format_fixed(bar.total.value / kGibibyte, 1), "value halo");
}

DataTable memory_table(const std::vector<Bar>& bars, const std::vector<std::string>& names) {
  DataTable table;
  table.columns = {{"GPU", false}, {"total, GiB", true}};
  for (const std::string& name : names) table.columns.push_back({name + ", GiB", true});
  for (const Bar& bar : bars) {
    std::vector<DataCell> cells = {{bar.label}, {format_fixed(bar.total.value / kGibibyte, 2)}};
    for (const std::string& name : names) {
      cells.push_back({format_fixed(bytes_of(bar, name) / kGibibyte, 2)});
    }
    table.rows.push_back(cells);
  }
  return table;
}

std::string capacity_line(Bytes capacity, const Scale& scale, double top, double bottom) {
  if (!(capacity.value > 0)) return "";
  const double x = scale.at(capacity.value / kGibibyte);
  return svg_line(x, top - 4, x, bottom, "capacity") +
         svg_text(x, top - 8, "holds " + format_bytes(capacity), "strong end");
}

struct Ledger {
  std::string heading;
  std::string caption;
  std::vector<Bar> bars;
  Bytes capacity;
};

Figure ledger_figure(const Ledger& ledger, const std::string& id) {
  const std::vector<std::string> names = part_names(ledger.bars);
  std::vector<LegendEntry> entries;
  for (const std::string& name : names) {
    const Fill fill = fill_of(names, name, id);
    entries.push_back({shorten(name, 40), fill.css, fill.pattern});
  }
  const Legend legend = svg_legend(entries, kLeft, 2, kHalfWidth - kLeft);
  const double top = legend.height + 26;
  const double bottom = top + static_cast<double>(ledger.bars.size()) * kRow + 4;
  double most = ledger.capacity.value / kGibibyte;
  for (const Bar& bar : ledger.bars) most = std::max(most, bar.total.value / kGibibyte);
  const Scale scale = {0, most * 1.02, kLeft, kHalfWidth - kRight};

  std::string body =
      patterns(id) + legend.body + svg_axis(scale, top, bottom, "GiB on a GPU", format_fixed);
  double y = top + 3;
  for (const Bar& bar : ledger.bars) {
    body += drawn(bar, names, scale, y, id);
    y += kRow;
  }
  body += capacity_line(ledger.capacity, scale, top, bottom);
  const SvgFrame frame = {id, ledger.heading, "Stacked bars in GiB. " + ledger.caption, kHalfWidth,
                          bottom + 38};
  return {ledger.heading, ledger.caption, svg_document(frame, body),
          memory_table(ledger.bars, names), false};
}

}  // namespace

Figure memory_figure(const MemoryProjection& memory, const std::string& id) {
  Ledger ledger = {
      "Memory by pipeline rank",
      fmt::format("The ledger of every rank; rank {} is the fullest with {} of {}. {}",
                  memory.peak_rank, format_bytes(memory.peak), format_bytes(memory.capacity),
                  memory.fits ? "It fits." : "It does not fit."),
      {},
      memory.capacity};
  for (const RankMemory& rank : memory.ranks) {
    ledger.bars.push_back({fmt::format("rank {}", rank.rank), rank.total, rank.parts});
  }
  return ledger_figure(ledger, id);
}

Figure unit_memory_figure(const std::vector<UnitMemory>& units, const std::string& id) {
  Ledger ledger = {"Memory of a GPU", "", {}, units.empty() ? Bytes{0} : units[0].capacity};
  for (const UnitMemory& unit : units) {
    const bool prefills = unit.unit == "prefill_unit";
    ledger.bars.push_back({prefills ? "prefill" : "unit", unit.total, unit.parts});
    ledger.caption +=
        fmt::format("{}The fullest GPU of a {}: {}, {} to {} with the assumptions, of {}. {}",
                    ledger.caption.empty() ? "" : " ", prefills ? "prefill unit" : "unit",
                    format_bytes(unit.total), format_bytes(unit.low), format_bytes(unit.high),
                    format_bytes(unit.capacity), unit.fits ? "It fits." : "It does not fit.");
  }
  return ledger_figure(ledger, id);
}

}  // namespace windtunnel
