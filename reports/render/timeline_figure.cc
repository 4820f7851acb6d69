#include "reports/render/timeline_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include "reports/render/format.h"
#include "reports/render/sources.h"
#include "reports/render/svg.h"

namespace windtunnel {
namespace {

constexpr double kWidth = 1120;
constexpr double kLeft = 58;
constexpr double kRight = 10;
constexpr double kOverviewRow = 9;
constexpr double kEnlargedRow = 18;
constexpr double kNarrowRow = 13;
constexpr double kAxisHeight = 40;
constexpr std::size_t kMostRanks = 32;
constexpr std::size_t kFewSlots = 40;    // of a rank: drawn once, enlarged
constexpr std::size_t kFewestSlots = 8;  // an enlarged window shorter than that shows nothing
constexpr double kLetterWidth = 5.4;
constexpr double kLabelMargin = 2;

struct BlockKind {
  std::string_view kind;
  const char* css;
  const char* letter;  // before the micro-batch's number
  const char* name;
  bool striped;  // so that it is told apart without colour
};

constexpr std::array kKinds = {
    BlockKind{"forward", "forward", "F", "forward", false},
    BlockKind{"backward", "backward", "B", "backward", true},
    BlockKind{"backward_input", "backward-input", "B", "backward, input only", true},
    BlockKind{"weight", "weight", "W", "weight gradients", false},
    BlockKind{"overlapped", "overlapped", "", "forward and backward overlapped", false},
    BlockKind{"optimizer", "optimizer", "", "optimizer", false}};
constexpr BlockKind kOther = {"", "other", "", "other", false};

/// What a drawing's blocks have in common: the prefix of its patterns, and the source behind each
/// kind.
struct Style {
  std::string id;
  std::map<std::string, std::string> sources;
};

/// A path of a kind's blocks; stripes are a fill of the element, for a class can't name a pattern
/// of this drawing.
std::string kind_path(const std::string& data, const BlockKind& kind, const Style& style,
                      const std::string& title) {
  std::string path = svg_path(data, kind.striped ? "striped" : kind.css, title);
  if (kind.striped) path.insert(5, fmt::format(" fill=\"url(#{}-{})\"", style.id, kind.css));
  return path;
}

const BlockKind& kind_of(std::string_view name) {
  for (const BlockKind& kind : kKinds) {
    if (kind.kind == name) return kind;
  }
  return kOther;
}

const BlockKind& kind_of(const SlotSpan& span) { return kind_of(std::string_view(span.kind)); }

using Row = std::pair<int, std::vector<SlotSpan>>;  // a rank and its spans by start

std::vector<Row> rows_of(const std::vector<SlotSpan>& spans) {
  std::map<int, std::vector<SlotSpan>> by_rank;
  for (const SlotSpan& span : spans) by_rank[span.rank].push_back(span);
  std::vector<Row> all(by_rank.begin(), by_rank.end());
  std::vector<Row> chosen;
  const std::size_t shown = std::min(all.size(), kMostRanks);
  for (std::size_t i = 0; i < shown; ++i) {
    chosen.push_back(all[shown < 2 ? 0 : i * (all.size() - 1) / (shown - 1)]);
  }
  for (Row& row : chosen) {
    std::stable_sort(row.second.begin(), row.second.end(),
                     [](const SlotSpan& a, const SlotSpan& b) { return a.start < b.start; });
  }
  return chosen;
}

struct Panel {
  double from;  // seconds
  double to;
  double top;
  double row_height;
  bool enlarged;
  double width = kWidth;  // of the drawing

  Scale scale() const { return {from, to, kLeft, width - kRight}; }
};

double panel_bottom(const Panel& panel, std::size_t rows) {
  return panel.top + panel.row_height * static_cast<double>(rows);
}

// A block's part inside the panel; nothing when it lies outside.
Box block_box(const SlotSpan& span, const Panel& panel, double y) {
  const Scale scale = panel.scale();
  const double begin = scale.at(std::clamp(span.start.value, panel.from, panel.to));
  const double end = scale.at(std::clamp(span.end.value, panel.from, panel.to));
  const double gap = panel.enlarged ? 0.8 : 0.3;  // lets neighbours be told apart
  return {begin, y, std::max(end - begin - gap, 0.0), panel.row_height - 2};
}

std::string block_title(const SlotSpan& span, const BlockKind& kind, const Style& style) {
  std::string times =
      fmt::format("{} ({} to {} s)", format_seconds(span.end - span.start),
                  format_fixed(span.start.value, 3), format_fixed(span.end.value, 3));
  const auto source = style.sources.find(span.kind);
  if (source != style.sources.end()) times += "\n" + source->second;
  if (span.kind == "optimizer") return fmt::format("rank {}: optimizer, {}", span.rank, times);
  return fmt::format("rank {}: {} {}, stage {}, direction {}, {}", span.rank,
                     span.kind == "overlapped" ? "F&B" : kind.letter, span.micro_batch, span.stage,
                     span.direction, times);
}

std::string block_label(const SlotSpan& span, const BlockKind& kind, const Box& box) {
  if (span.kind == "optimizer") return "";
  const std::string number = fmt::format("{}", span.micro_batch);
  const std::string text = kind.letter + number;
  if (static_cast<double>(text.size()) * kLetterWidth + kLabelMargin > box.width) return "";
  const std::string css = fmt::format("on-{}", kind.css);
  return svg_text(box.x + box.width / 2, box.y + box.height - 5, text, css);
}

int first_stage(const Row& row) {
  int first = std::numeric_limits<int>::max();
  for (const SlotSpan& span : row.second) {
    if (span.kind != "optimizer" && span.direction == 0) first = std::min(first, span.stage);
  }
  return first;
}

// Of the second direction, or of a later stage of the model than the first that the rank holds.
bool is_second(const SlotSpan& span, int first) {
  return span.kind != "optimizer" && (span.direction == 1 || span.stage > first);
}

// Second directions and stages are marked by a line under their blocks, one path a row; below a few
// pixels nobody sees it.
std::string second_stages(const Row& row, const Panel& panel, double y) {
  const int first = first_stage(row);
  const double thickness = panel.enlarged ? 2.5 : 2;
  std::string data;
  for (const SlotSpan& span : row.second) {
    const Box box = block_box(span, panel, y);
    if (box.width < (panel.enlarged ? 0.1 : 2.0) || !is_second(span, first)) continue;
    data += fmt::format("M{} {}h{}", format_coordinate(box.x),
                        format_coordinate(box.y + box.height - thickness / 2),
                        format_coordinate(box.width));
  }
  if (data.empty()) return "";
  return svg_path(data, panel.enlarged ? "second-line wide-line" : "second-line");
}

// A block is an element of its own, with a title on hover.
std::string enlarged_blocks_of(const Row& row, const Panel& panel, double y, const Style& style) {
  std::string blocks;
  std::string labels;
  for (const SlotSpan& span : row.second) {
    const Box box = block_box(span, panel, y);
    if (!(box.width > 0)) continue;
    const BlockKind& kind = kind_of(span);
    blocks += kind_path(svg_box_path(box), kind, style, block_title(span, kind, style));
    labels += block_label(span, kind, box);
  }
  return blocks + second_stages(row, panel, y) + labels;
}

// A kind is one path, neighbours of one kind flow together: thousands of slots stay a few
// kilobytes.
std::string overview_blocks_of(const Row& row, const Panel& panel, double y, const Style& style) {
  std::map<std::string_view, std::string> paths;
  Box open = {0, 0, 0, 0};
  const BlockKind* kind = &kOther;
  const auto close = [&] {
    if (open.width > 0) paths[kind->kind] += svg_box_path(open);
  };
  for (const SlotSpan& span : row.second) {
    const Box box = block_box(span, panel, y);
    if (!(box.width > 0)) continue;
    if (kind == &kind_of(span) && box.x - (open.x + open.width) < 0.6) {
      open.width = box.x + box.width - open.x;
      continue;
    }
    close();
    open = box;
    kind = &kind_of(span);
  }
  close();
  std::string out;
  for (const auto& [name, data] : paths) {
    out += kind_path(data, kind_of(name), style, "");
  }
  return out + second_stages(row, panel, y);
}

std::string idle_fill(const Style& style) { return fmt::format("url(#{}-idle)", style.id); }

std::string panel_body(const std::vector<Row>& rows, const Panel& panel, const std::string& name,
                       const Style& style) {
  const double bottom = panel_bottom(panel, rows.size());
  const Scale scale = panel.scale();
  std::string out = svg_text(kLeft, panel.top - 7, name, "strong");
  out += svg_axis(scale, panel.top, bottom, "",
                  [](double value, int decimals) { return format_fixed(value, decimals) + " s"; });
  double y = panel.top;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string idle =
        svg_rect({kLeft, y, panel.width - kRight - kLeft, panel.row_height - 2}, "idle");
    idle.insert(5, " fill=\"" + idle_fill(style) + "\"");
    out += idle + (panel.enlarged ? enlarged_blocks_of(rows[i], panel, y, style)
                                  : overview_blocks_of(rows[i], panel, y, style));
    if (panel.enlarged || i % 2 == 0) {
      out +=
          svg_text(kLeft - 8, y + panel.row_height / 2 + 3, fmt::format("rank {}", rows[i].first),
                   panel.enlarged ? "label end" : "tick end");
    }
    y += panel.row_height;
  }
  return out;
}

std::size_t most_slots(const std::vector<Row>& rows) {
  std::size_t most = 0;
  for (const Row& row : rows) most = std::max(most, row.second.size());
  return most;
}

double end_of(const std::vector<SlotSpan>& spans) {
  double end = 0;
  for (const SlotSpan& span : spans) end = std::max(end, span.end.value);
  return end;
}

struct NamedPanel {
  std::string name;
  Panel panel;
};

std::vector<NamedPanel> panels(const std::vector<Row>& rows, double end,
                               std::size_t enlarged_blocks, double top) {
  const std::size_t slots = most_slots(rows);
  if (slots <= kFewSlots && rows.size() * slots <= enlarged_blocks) {
    return {{"The whole step", {0, end, top, kEnlargedRow, true}}};
  }
  std::vector<NamedPanel> out = {{"The whole step", {0, end, top, kOverviewRow, false}}};
  const std::size_t wanted = enlarged_blocks / 2 / rows.size();
  if (wanted < kFewestSlots) return out;
  const double span = end * std::min(static_cast<double>(wanted) / static_cast<double>(slots), 0.5);
  const double first = panel_bottom(out[0].panel, rows.size()) + kAxisHeight + 12;
  out.push_back({"Warm-up, enlarged", {0, span, first, kEnlargedRow, true}});
  const double second = panel_bottom(out[1].panel, rows.size()) + kAxisHeight + 12;
  out.push_back({"Drain, enlarged", {end - span, end, second, kEnlargedRow, true}});
  return out;
}

std::string second_name(const std::vector<SlotSpan>& spans, const std::vector<Row>& rows) {
  const bool two = std::any_of(spans.begin(), spans.end(),
                               [](const SlotSpan& span) { return span.direction == 1; });
  if (two) return "underlined: the second direction";
  const bool several = std::any_of(rows.begin(), rows.end(), [](const Row& row) {
    const int first = first_stage(row);
    return std::any_of(row.second.begin(), row.second.end(),
                       [&](const SlotSpan& span) { return is_second(span, first); });
  });
  return several ? "underlined: a later stage of the rank" : "";
}

Legend legend(const std::vector<SlotSpan>& spans, const std::vector<Row>& rows, const Style& style,
              double width) {
  std::vector<LegendEntry> entries;
  for (const BlockKind& kind : kKinds) {
    const bool used = std::any_of(spans.begin(), spans.end(),
                                  [&](const SlotSpan& span) { return span.kind == kind.kind; });
    if (!used) continue;
    const std::string fill =
        kind.striped ? fmt::format("url(#{}-{})", style.id, kind.css) : std::string();
    entries.push_back({kind.name, kind.striped ? "striped" : kind.css, fill});
  }
  entries.push_back({"idle", "bubble", idle_fill(style)});
  const std::string second = second_name(spans, rows);
  if (!second.empty()) entries.push_back({second, "second", ""});
  return svg_legend(entries, kLeft, 2, width - kLeft - kRight);
}

Style style_of(const std::vector<PricedTerm>& terms, const std::string& id) {
  Style style = {id, {}};
  for (const BlockKind& kind : kKinds) {
    const std::string source = slot_source(terms, kind.kind);
    if (!source.empty()) style.sources[std::string(kind.kind)] = source;
  }
  return style;
}

DataTable timeline_table(const std::vector<Row>& rows, double end) {
  DataTable table;
  table.columns = {{"rank", true}};
  for (const BlockKind& kind : kKinds) {
    table.columns.push_back({fmt::format("{} slots", kind.name), true});
  }
  table.columns.push_back({"busy, s", true});
  table.columns.push_back({"idle, s", true});
  table.columns.push_back({"first start, s", true});
  table.columns.push_back({"last end, s", true});
  for (const Row& row : rows) {
    std::vector<DataCell> cells = {{fmt::format("{}", row.first)}};
    double busy = 0;
    for (const SlotSpan& span : row.second) busy += span.end.value - span.start.value;
    for (const BlockKind& kind : kKinds) {
      const auto slots = std::count_if(row.second.begin(), row.second.end(),
                                       [&](const SlotSpan& s) { return s.kind == kind.kind; });
      cells.push_back({fmt::format("{}", slots)});
    }
    for (const double seconds :
         {busy, end - busy, row.second.front().start.value, end_of(row.second)}) {
      cells.push_back({format_fixed(seconds, 3)});
    }
    table.rows.push_back(cells);
  }
  return table;
}

std::string hatches(const std::string& id) {
  return svg_hatch(id + "-idle", "hatch") + svg_hatch(id + "-backward", "backward") +
         svg_hatch(id + "-backward-input", "backward-input");
}

SvgFrame frame_of(const std::string& id, const std::vector<Row>& rows, double end, double width,
                  double height) {
  return {id, "Pipeline timeline",
          fmt::format("{} pipeline ranks, one a row, over {}; blocks by kind, idle time hatched.",
                      rows.size(), format_seconds({end})),
          width, height};
}

/// The whole step as a telephone shows it.
std::string narrow_drawing(const std::vector<SlotSpan>& spans, const std::vector<Row>& rows,
                           double end, const std::string& id) {
  if (rows.empty()) return "";
  const Style style = {id, {}};
  const Legend key = legend(spans, rows, style, kHalfWidth);
  const Panel panel = {0, end, key.height + 24, kNarrowRow, false, kHalfWidth};
  const double height = panel_bottom(panel, rows.size()) + kAxisHeight - 16;
  return svg_document(frame_of(id, rows, end, kHalfWidth, height),
                      hatches(id) + key.body + panel_body(rows, panel, "The whole step", style));
}

}  // namespace

Figure timeline_figure(const std::vector<SlotSpan>& spans, const std::vector<PricedTerm>& terms,
                       std::size_t enlarged_blocks, const std::string& id) {
  const std::vector<Row> rows = rows_of(spans);
  const double end = end_of(spans);
  const Style style = style_of(terms, id);
  const Legend key = legend(spans, rows, style, kWidth);
  std::string body = hatches(id) + key.body;
  double height = key.height + 40;
  if (rows.empty()) {
    body += svg_text(kLeft, key.height + 20, "No timeline was recorded.", "label");
  } else {
    for (const NamedPanel& panel : panels(rows, end, enlarged_blocks, key.height + 24)) {
      body += panel_body(rows, panel.panel, panel.name, style);
      height = panel_bottom(panel.panel, rows.size()) + kAxisHeight - 16;
    }
  }
  return {"Pipeline timeline",
          "A rank a row, time across; a block is one slot of the schedule with the number of its "
          "micro-batch. Point at an enlarged block for its stage, its duration and the measurement "
          "behind it.",
          svg_document(frame_of(id, rows, end, kWidth, height), body),
          timeline_table(rows, end),
          true,
          narrow_drawing(spans, rows, end, id + "-narrow")};
}

}  // namespace windtunnel
