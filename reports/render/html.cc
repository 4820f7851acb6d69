#include "reports/render/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "reports/render/communication_figure.h"
#include "reports/render/format.h"
#include "reports/render/json.h"
#include "reports/render/memory_figure.h"
#include "reports/render/page_sections.h"
#include "reports/render/page_style.h"
#include "reports/render/parts_figure.h"
#include "reports/render/sensitivity_figure.h"
#include "reports/render/serving_section.h"
#include "reports/render/svg.h"
#include "reports/render/table.h"
#include "reports/render/timeline_figure.h"
#include "reports/render/validation_figure.h"
#include "reports/render/verdict.h"

namespace windtunnel {
namespace {

constexpr std::size_t kEnlargedBlocks = 1000;  // of all timelines together
constexpr std::size_t kMostBytes = 750'000;    // past that scenarios are cards only

std::string id_of(const char* name, std::size_t index) {
  return index == 0 ? name : fmt::format("{}-{}", name, index + 1);
}

// JSON inside <script> must not end it, nor upset a reader that takes the page for XML. Indentation
// is dropped: a JSON string holds no line breaks, so that they all are indentation.
std::string script_safe(const std::string& json) {
  std::string out;
  bool indentation = false;
  for (const char c : json) {
    indentation = c == '\n' || (indentation && c == ' ');
    if (indentation) continue;
    if (c == '<') {
      out += "\\u003c";
    } else if (c == '>') {
      out += "\\u003e";
    } else if (c == '&') {
      out += "\\u0026";
    } else {
      out += c;
    }
  }
  return out;
}

std::string verdict_sentence(const Projection& projection) {
  const int outside = count(projection.published, Verdict::kOutside);
  const int within = count(projection.published, Verdict::kWithin);
  if (outside + within == 0) return "";
  const std::string badge = outside == 0 ? render_badge("in tolerance", "good")
                                         : render_badge(fmt::format("{} outside", outside), "bad");
  return fmt::format("<p>{} of {} published figures lie within their tolerance. {}</p>\n", within,
                     within + outside, badge);
}

std::string figures(const Projection& projection, std::size_t index, std::size_t blocks) {
  std::string out = "<h2>Against what was published, and what could change</h2>\n";
  out += "<div class=\"figures\">\n";
  out += render_figure(validation_figure(projection.published, id_of("validation", index)));
  out += render_figure(sensitivity_figure(projection, id_of("sensitivity", index)));
  out += "</div>\n<h2>The step</h2>\n<div class=\"figures\">\n";
  out += render_figure(timeline_figure(projection.timeline, blocks, id_of("timeline", index)));
  out += render_figure(parts_figure(projection.step, id_of("parts", index)));
  out +=
      render_figure(communication_figure(projection.communication, id_of("communication", index)));
  out += "</div>\n<h2>Memory</h2>\n<div class=\"figures\">\n";
  out += render_figure(memory_figure(projection.memory, id_of("memory", index)));
  out += ledger_card(projection.memory);
  return out + "</div>\n";
}

std::string section_head(const Projection& projection, std::size_t index) {
  return fmt::format("<section id=\"{}\">\n<h1>{}</h1>\n", id_of("scenario", index),
                     escape(projection.scenario.name)) +
         scenario_summary(projection.scenario) + verdict_sentence(projection) +
         verdict_cards(projection);
}

std::string full_section(const Projection& projection, std::size_t index, std::size_t blocks,
                         const BuildVersion& build) {
  // Of a run of several stages these say the most; the step below is that of one of them.
  const bool staged =
      projection.scenario.kind == "campaign" || projection.scenario.kind == "reinforcement";
  const std::string run = run_section(projection);
  std::string out = section_head(projection, index) + (staged ? run : "");
  out += figures(projection, index, blocks) + (staged ? "" : run);
  out += terms_section(projection) + inputs_section(projection);
  return out +
         fmt::format("<script type=\"application/json\" id=\"{}\">\n{}</script>\n</section>\n",
                     id_of("data", index), script_safe(render_json(projection, build)));
}

// A page of many scenarios would grow past what a browser opens at once.
std::string brief_section(const Projection& projection, std::size_t index) {
  return section_head(projection, index) +
         "<p class=\"soft\">This page was full; report this scenario alone for its figures.</p>\n"
         "</section>\n";
}

// Several scenarios begin with one table that sets them side by side.
std::string comparison(const std::vector<Projection>& projections) {
  if (projections.size() < 2) return "";
  DataTable table = {{{"scenario", false},
                      {"GPUs", true},
                      {"GPU hours", true},
                      {"cost", true},
                      {"step", true},
                      {"MFU, causal", true},
                      {"bubble", true},
                      {"peak memory", true}},
                     {}};
  std::string links;
  for (std::size_t i = 0; i < projections.size(); ++i) {
    const Projection& p = projections[i];
    table.rows.push_back({{p.scenario.name},
                          {format_count(p.scenario.gpus)},
                          {p.run ? format_gpu_hours(p.run->gpu_hours) : "-"},
                          {p.run ? format_dollars(p.run->cost) : "-"},
                          {format_seconds(p.step.rank0.time)},
                          {format_percent(p.throughput.mfu.causal)},
                          {format_percent(share(p.step.mean.bubble.value, p.step.mean.time.value))},
                          {format_bytes(p.memory.peak), p.memory.fits ? "" : "bad"}});
    links += fmt::format("<a href=\"#{}\">{}</a> ", id_of("scenario", i), escape(p.scenario.name));
  }
  return fmt::format("<h1>{} scenarios</h1>\n{}<nav>{}</nav>\n", projections.size(),
                     render_table(table), links);
}

}  // namespace

std::string render_html(const std::vector<Projection>& projections, const BuildVersion& build) {
  return render_html(projections, {}, build);
}

std::string render_html(const std::vector<Projection>& projections,
                        const std::vector<ServingProjection>& serving, const BuildVersion& build) {
  const std::size_t count = projections.size() + serving.size();
  const std::string name = count != 1        ? fmt::format("{} scenarios", count)
                           : serving.empty() ? projections[0].scenario.name
                                             : serving[0].scenario.name;
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<title>{} - Windtunnel</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n",
      escape(name), page_style());
  out += comparison(projections);
  const std::size_t blocks = kEnlargedBlocks / std::clamp<std::size_t>(projections.size(), 1, 5);
  for (std::size_t i = 0; i < projections.size(); ++i) {
    const std::string full = full_section(projections[i], i, blocks, build);
    const bool room = i == 0 || out.size() + full.size() < kMostBytes;
    out += room ? full : brief_section(projections[i], i);
  }
  out += serving_comparison(serving);
  for (std::size_t i = 0; i < serving.size(); ++i) out += serving_section(serving[i], i);
  return out + fmt::format(
                   "</main>\n<footer>Windtunnel {} ({}). Intervals are 80 % intervals from the "
                   "measurements' own leave-one-out errors.</footer>\n</body>\n</html>\n",
                   escape(build.version), escape(build.commit));
}

}  // namespace windtunnel
