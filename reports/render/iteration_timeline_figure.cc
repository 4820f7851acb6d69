#include "reports/render/iteration_timeline_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "reports/render/format.h"
#include "reports/render/sources.h"
#include "reports/render/svg.h"
#include "simulator/analysis/iteration_timeline.h"

namespace windtunnel {
namespace {

constexpr double kWidth = 1120;
constexpr double kLeft = 66;
constexpr double kRight = 24;
constexpr double kWholeRow = 16;
constexpr double kEnlargedRow = 24;
constexpr double kAxis = 24;     // below the rows of a panel
constexpr double kHeading = 22;  // above them
constexpr double kLetter = 5.4;
constexpr int kWideLayers = 3;
constexpr int kNarrowLayers = 1;
constexpr std::size_t kNamedKernels = 4;
constexpr double kMerged = 0.6;  // pixels between stages of one kind that flow together

/// What runs beside computation is striped: told apart without colour.
struct Look {
  ServingStage stage;
  const char* css;
  const char* pattern;  ///< of svg_hatch; empty where the class fills
  const char* label;    ///< class of the text inside; none on stripes
};

constexpr std::array kLooks = {Look{ServingStage::kAttention, "overlapped", "", "on-overlapped"},
                               Look{ServingStage::kDispatch, "part", "p1", ""},
                               Look{ServingStage::kFeedForward, "weight", "", "on-weight"},
                               Look{ServingStage::kCombine, "part", "p3", ""}};

const Look& look_of(ServingStage stage) {
  return *std::find_if(kLooks.begin(), kLooks.end(),
                       [&](const Look& it) { return it.stage == stage; });
}

std::string filled(std::string element, const Look& look, const std::string& id) {
  if (*look.pattern != '\0')
    element.insert(5, fmt::format(" fill=\"url(#{}-{})\"", id, look.pattern));
  return element;
}

/// An iteration with its timeline; the rows are streams.
struct Run {
  const IterationProjection* iteration;
  IterationTimeline timeline;
  bool beside;  ///< anything runs beside computation

  double row(ServingStage stage) const { return beside && is_transfer_stage(stage) ? 1 : 0; }
  double rows() const { return beside ? 2 : 1; }
};

std::vector<Run> runs_of(const std::vector<IterationProjection>& iterations) {
  std::vector<Run> runs;
  for (const IterationProjection& it : iterations) {
    Run run = {&it, iteration_timeline(it), false};
    if (run.timeline.spans.empty()) continue;
    run.beside = std::any_of(run.timeline.spans.begin(), run.timeline.spans.end(),
                             [](const IterationSpan& s) { return is_transfer_stage(s.stage); });
    runs.push_back(std::move(run));
  }
  return runs;
}

struct Panel {
  double from;
  double to;
  double top;
  double row;
  double width;

  Scale scale() const { return {from, to, kLeft, width - kRight}; }
  Box box(const IterationSpan& span, double at) const {
    const double begin = scale().at(std::clamp(span.start.value, from, to));
    const double end = scale().at(std::clamp(span.end.value, from, to));
    return {begin, top + at * row, end - begin, row - 3};
  }
};

/// The kernels that take the longest of a stage, and the source of most of it.
std::string made_of(const IterationProjection& iteration, const IterationBlock& block,
                    ServingStage stage) {
  std::vector<const IterationTerm*> terms;
  for (std::size_t i = block.first; i < block.end; ++i) {
    if (iteration.terms[i].stage == stage) terms.push_back(&iteration.terms[i]);
  }
  std::stable_sort(terms.begin(), terms.end(), [&](const auto* a, const auto* b) {
    return time_in_layer(*a, iteration) > time_in_layer(*b, iteration);
  });
  std::string out;
  for (std::size_t i = 0; i < std::min(terms.size(), kNamedKernels); ++i) {
    out += fmt::format("{}{} {}", i > 0 ? ", " : "", shorten(terms[i]->kernel, 48),
                       format_seconds(time_in_layer(*terms[i], iteration)));
  }
  if (terms.size() > kNamedKernels) {
    out += fmt::format(", {} others", terms.size() - kNamedKernels);
  }
  return out + "\n" + stage_source(iteration, block.first, block.end, stage);
}

std::string title_of(const Run& run, const IterationSpan& span) {
  const IterationBlock& block = run.timeline.blocks[span.block];
  return fmt::format("{}, {} {}: {} of micro-batch {}, {} ({} to {} ms)\n{}", run.iteration->name,
                     block.name, span.layer, stage_name(span.stage), span.micro_batch,
                     format_seconds(span.end - span.start), format_fixed(span.start.value * 1e3, 3),
                     format_fixed(span.end.value * 1e3, 3),
                     made_of(*run.iteration, block, span.stage));
}

/// A line under the second micro-batch's.
std::string underline(const Box& box, const IterationSpan& span) {
  if (span.micro_batch == 0) return "";
  return fmt::format("M{} {}h{}", format_coordinate(box.x),
                     format_coordinate(box.y + box.height - 1), format_coordinate(box.width));
}

std::string enlarged_spans(const Run& run, const Panel& panel, const std::string& id) {
  std::string blocks;
  std::string labels;
  std::string lines;
  for (const IterationSpan& span : run.timeline.spans) {
    Box box = panel.box(span, run.row(span.stage));
    if (!(box.width > 0)) continue;
    box.width = std::max(box.width - 0.8, 0.4);
    const Look& look = look_of(span.stage);
    blocks += filled(svg_rect(box, look.css, title_of(run, span)), look, id);
    const std::string label = fmt::format("{} {}", stage_name(span.stage), span.micro_batch);
    if (*look.label != '\0' && static_cast<double>(label.size()) * kLetter < box.width) {
      labels += svg_text(box.x + box.width / 2, box.y + box.height - 7, label, look.label);
    }
    lines += underline(box, span);
  }
  return blocks + (lines.empty() ? "" : svg_path(lines, "second-line wide-line")) + labels;
}

/// A kind is one path, neighbours of one kind flow together.
std::string whole_spans(const Run& run, const Panel& panel, const std::string& id) {
  std::string out;
  for (const Look& look : kLooks) {
    std::string data;
    Box open = {0, 0, 0, 0};
    const auto close = [&] {
      if (open.width > 0) data += svg_box_path(open);
    };
    for (const IterationSpan& span : run.timeline.spans) {
      if (span.stage != look.stage) continue;
      const Box box = panel.box(span, run.row(span.stage));
      if (open.width > 0 && box.x - (open.x + open.width) < kMerged) {
        open.width = box.x + box.width - open.x;
        continue;
      }
      close();
      open = box;
    }
    close();
    if (!data.empty()) out += filled(svg_path(data, look.css), look, id);
  }
  return out;
}

std::string stream_name(bool beside) { return beside ? "transfers" : "compute"; }

std::string panel_body(const Run& run, const Panel& panel, const std::string& heading,
                       const std::string& id, bool enlarged) {
  const double bottom = panel.top + run.rows() * panel.row;
  std::string out = svg_text(kLeft, panel.top - 7, heading, "strong");
  out += svg_axis({panel.from * 1e3, panel.to * 1e3, kLeft, panel.width - kRight}, panel.top,
                  bottom, "",
                  [](double value, int decimals) { return format_fixed(value, decimals) + " ms"; });
  for (int row = 0; row < static_cast<int>(run.rows()); ++row) {
    const double y = panel.top + row * panel.row;
    std::string idle = svg_rect({kLeft, y, panel.width - kRight - kLeft, panel.row - 3}, "idle");
    idle.insert(5, fmt::format(" fill=\"url(#{}-idle)\"", id));
    out += idle + svg_text(kLeft - 8, y + panel.row / 2 + 3, stream_name(row == 1), "label end");
  }
  return out + (enlarged ? enlarged_spans(run, panel, id) : whole_spans(run, panel, id));
}

/// Some layers in a row from the middle of the block with the most.
struct Window {
  double from;
  double to;
  std::string words;
};

Window window_of(const Run& run, int layers) {
  std::size_t most = 0;
  for (std::size_t i = 0; i < run.timeline.blocks.size(); ++i) {
    if (run.timeline.blocks[i].layers > run.timeline.blocks[most].layers) most = i;
  }
  int first = run.timeline.blocks[most].layers / 2;
  for (std::size_t i = 0; i < most; ++i) first += run.timeline.blocks[i].layers;
  Window window = {run.timeline.end.value, 0, ""};
  int last = first;
  for (const IterationSpan& span : run.timeline.spans) {
    if (span.layer < first || span.layer >= first + layers) continue;
    window.from = std::min(window.from, span.start.value);
    window.to = std::max(window.to, span.end.value);
    last = std::max(last, span.layer);
  }
  window.words =
      last > first ? fmt::format("layers {} to {}", first, last) : fmt::format("layer {}", first);
  return window;
}

Legend legend(const std::vector<Run>& runs, const std::string& id, double width) {
  std::vector<LegendEntry> entries;
  bool second = false;
  for (const Look& look : kLooks) {
    const bool used = std::any_of(runs.begin(), runs.end(), [&](const Run& run) {
      return std::any_of(run.timeline.spans.begin(), run.timeline.spans.end(),
                         [&](const IterationSpan& span) { return span.stage == look.stage; });
    });
    if (!used) continue;
    const std::string fill =
        *look.pattern == '\0' ? std::string() : fmt::format("url(#{}-{})", id, look.pattern);
    entries.push_back({stage_name(look.stage), look.css, fill});
  }
  for (const Run& run : runs) second = second || run.iteration->micro_batches > 1;
  entries.push_back({"idle", "bubble", fmt::format("url(#{}-idle)", id)});
  if (second) entries.push_back({"underlined: the second micro-batch", "second", ""});
  return svg_legend(entries, kLeft, 2, width - kLeft - kRight);
}

std::string drawing(const std::vector<Run>& runs, double width, int layers, const std::string& id) {
  const Legend key = legend(runs, id, width);
  std::string body = svg_hatch(id + "-idle", "hatch") + svg_hatch(id + "-p1", "p1") +
                     svg_hatch(id + "-p3", "p3") + key.body;
  double top = key.height + kHeading;
  std::string words;
  for (const Run& run : runs) {
    const std::string& name = run.iteration->name;
    const Panel whole = {0, run.timeline.end.value, top, kWholeRow, width};
    body += panel_body(run, whole, name + ", the whole iteration", id, false);
    top += run.rows() * kWholeRow + kAxis + kHeading;
    const Window window = window_of(run, layers);
    const Panel enlarged = {window.from, window.to, top, kEnlargedRow, width};
    body += panel_body(run, enlarged, name + ", " + window.words + " enlarged", id, true);
    top += run.rows() * kEnlargedRow + kAxis + kHeading;
    words += fmt::format("{} takes {} in {} layers. ", name, format_seconds(run.timeline.end),
                         run.timeline.spans.back().layer + 1);
  }
  return svg_document({id, "Timeline of an iteration", words, width, top - kHeading + 4}, body);
}

DataTable table_of(const std::vector<Run>& runs) {
  DataTable table = {{{"iteration", false},
                      {"layers", false},
                      {"number", true},
                      {"stage", false},
                      {"stream", false},
                      {"a micro-batch", true},
                      {"kernels and the source of most of it", false}},
                     {}};
  for (const Run& run : runs) {
    for (const IterationBlock& block : run.timeline.blocks) {
      for (const Look& look : kLooks) {
        Seconds time{0};
        for (std::size_t i = block.first; i < block.end; ++i) {
          const IterationTerm& term = run.iteration->terms[i];
          if (term.stage == look.stage) time += time_in_layer(term, *run.iteration);
        }
        if (time.value <= 0) continue;
        table.rows.push_back({{run.iteration->name},
                              {block.name},
                              {fmt::format("{}", block.layers)},
                              {stage_name(look.stage)},
                              {stream_name(is_transfer_stage(look.stage))},
                              {format_seconds(time)},
                              {made_of(*run.iteration, block, look.stage)}});
      }
    }
  }
  return table;
}

}  // namespace

Figure iteration_timeline_figure(const std::vector<IterationProjection>& iterations,
                                 const std::string& id) {
  const std::vector<Run> runs = runs_of(iterations);
  const bool beside =
      std::any_of(runs.begin(), runs.end(), [](const Run& run) { return run.beside; });
  return {"Timeline of an iteration",
          std::string("Stages of layers, one after another. ") +
              (beside ? "Dispatch and combine of one micro-batch run beside the computation of the "
                        "other. "
                      : "Nothing runs beside computation: transfers stand inside the stages. ") +
              "Point at an enlarged stage for its kernels and the measurement behind it.",
          drawing(runs, kWidth, kWideLayers, id),
          table_of(runs),
          true,
          drawing(runs, kHalfWidth, kNarrowLayers, id + "-narrow")};
}

}  // namespace windtunnel
