#include "reports/render/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "reports/render/cluster_section.h"
#include "reports/render/communication_figure.h"
#include "reports/render/embedded.h"
#include "reports/render/headline.h"
#include "reports/render/json.h"
#include "reports/render/memory_figure.h"
#include "reports/render/page.h"
#include "reports/render/page_sections.h"
#include "reports/render/parts_figure.h"
#include "reports/render/roofline_figure.h"
#include "reports/render/sensitivity_figure.h"
#include "reports/render/serving_section.h"
#include "reports/render/side_by_side.h"
#include "reports/render/svg.h"
#include "reports/render/table.h"
#include "reports/render/timeline_figure.h"
#include "reports/render/validation_figure.h"

namespace windtunnel {
namespace {

constexpr std::size_t kEnlargedBlocks = 1000;  // of all timelines together
constexpr std::size_t kMostBytes = 950'000;    // past that scenarios are cards only
constexpr std::size_t kCardBytes = 5'000;      // a scenario without its figures

std::string id_of(const char* name, std::size_t index) {
  return index == 0 ? name : fmt::format("{}-{}", name, index + 1);
}

// Of a run of several stages these say the most; the step is that of one of them.
bool is_staged(const Projection& projection) {
  return projection.scenario.kind == "campaign" || projection.scenario.kind == "reinforcement";
}

std::string figures(const Projection& projection, std::size_t index, std::size_t blocks) {
  std::string out = "<h2>Against what was published, and what could change</h2>\n";
  out += "<div class=\"figures\">\n";
  out += render_figure(validation_figure(projection.published, id_of("validation", index)));
  out += render_figure(tornado_figure(sensitivity_rows(projection), id_of("sensitivity", index)));
  out += fmt::format("</div>\n<h2>{}</h2>\n<div class=\"figures\">\n",
                     is_staged(projection) ? "A training step of the longest stage" : "The step");
  out += render_figure(
      timeline_figure(projection.timeline, projection.terms, blocks, id_of("timeline", index)));
  out += render_figure(parts_figure(projection.step, id_of("parts", index)));
  out +=
      render_figure(communication_figure(projection.communication, id_of("communication", index)));
  out += "</div>\n<h2>Kernels and memory</h2>\n<div class=\"figures\">\n";
  out +=
      render_figure(roofline_figure(projection.terms, projection.roofs, id_of("roofline", index)));
  out += render_figure(memory_figure(projection.memory, id_of("memory", index)));
  out += ledger_card(projection.memory, section_id(projection, index));
  return out + "</div>\n";
}

/// `badges_to`: the section's id, or empty where it ends with its cards.
std::string section_head(const Projection& projection, std::size_t index,
                         const std::string& badges_to) {
  return fmt::format("<section id=\"{}\">\n<h1>{}</h1>\n", section_id(projection, index),
                     escape(projection.scenario.name)) +
         scenario_summary(projection.scenario) + headline(projection) +
         verdict_cards(projection, badges_to);
}

std::string full_section(const Projection& projection, std::size_t index, std::size_t blocks,
                         const BuildVersion& build) {
  const bool staged = is_staged(projection);
  const std::string run = run_section(projection);
  std::string out = section_head(projection, index, section_id(projection, index));
  if (staged) out += run;
  out += figures(projection, index, blocks) + (staged ? "" : run);
  out += cluster_section(projection);
  out += terms_section(projection, section_id(projection, index)) + inputs_section(projection);
  return out + embedded_document(id_of("data", index), render_json(projection, build)) +
         "</section>\n";
}

// A page of many scenarios would grow past what a browser opens at once.
std::string brief_section(const Projection& projection, std::size_t index) {
  return section_head(projection, index, "") + std::string(kPageFull) + "</section>\n";
}

/// The words of the badges.
constexpr std::string_view kNotes =
    "<p>measured: a time of this kernel on this GPU. scaled: measured on a sibling GPU and moved "
    "by "
    "the ratio that binds. estimated: a roofline with the fraction that such kernels reach. "
    "published: what a paper reports; only compared with. assumed: what no source settles.</p>"
    "<p>Intervals are 80 % intervals from the measurements' own leave-one-out errors and the "
    "ranges "
    "of the assumptions.</p>";

}  // namespace

std::string render_html(const std::vector<Projection>& projections, const BuildVersion& build) {
  return render_html(projections, {}, build);
}

std::string render_html(const std::vector<Projection>& projections,
                        const std::vector<ServingProjection>& serving, const BuildVersion& build) {
  const std::size_t count = projections.size() + serving.size();
  std::string out = page_head(count != 1        ? fmt::format("{} scenarios", count)
                              : serving.empty() ? projections[0].scenario.name
                                                : serving[0].scenario.name);
  out += side_by_side(projections, serving);
  std::size_t left = count;
  const auto add = [&](const std::string& full, const std::string& brief) {
    const std::size_t others = --left * kCardBytes;
    const bool first = left + 1 == count;
    out += first || out.size() + full.size() + others < kMostBytes ? full : brief;
  };
  const std::size_t blocks = kEnlargedBlocks / std::clamp<std::size_t>(count, 1, 5);
  for (std::size_t i = 0; i < projections.size(); ++i) {
    add(full_section(projections[i], i, blocks, build), brief_section(projections[i], i));
  }
  for (std::size_t i = 0; i < serving.size(); ++i) {
    add(serving_section(serving[i], i, build), brief_serving_section(serving[i], i));
  }
  return out + page_foot(kNotes, build);
}

}  // namespace windtunnel
