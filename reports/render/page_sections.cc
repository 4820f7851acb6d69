#include "reports/render/page_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "reports/render/degrees.h"
#include "reports/render/format.h"
#include "reports/render/svg.h"
#include "reports/render/table.h"

namespace windtunnel {
namespace {

constexpr std::size_t kMostTerms = 60;
constexpr std::size_t kMostOutside = 40;

struct Card {
  std::string what;
  std::string number;
  std::string range;
  std::string note;
  std::string badge;
  std::string badge_css;
};

std::string card(const Card& c) {
  return fmt::format(
      "<div class=\"card\"><div class=\"what\">{}</div><div class=\"number\">{}</div>"
      "<div class=\"range\">{}</div><div class=\"range\">{}</div>"
      "<div class=\"basis\">{}</div></div>\n",
      escape(c.what), escape(c.number), escape(c.range), escape(c.note),
      render_badge(c.badge, c.badge_css));
}

// The basis on which most of the priced time rests, with its share.
std::pair<std::string, std::string> main_basis(const ProvenanceShares& shares) {
  std::string word = basis_word(Basis::kEstimated);
  double most = shares.estimated;
  if (shares.scaled > most) {
    word = basis_word(Basis::kScaled);
    most = shares.scaled;
  }
  if (shares.measured >= most) {
    word = basis_word(Basis::kMeasured);
    most = shares.measured;
  }
  return {format_percent(most) + " " + word, word};
}

std::string interval(const std::string& low, const std::string& high) {
  return low + " to " + high;
}

Card hours_card(const RunProjection& run, const std::string& badge, const std::string& css) {
  return {"GPU hours",
          format_gpu_hours(run.gpu_hours),
          interval(format_gpu_hours(run.gpu_hours_low), format_gpu_hours(run.gpu_hours_high)) +
              " (80 %)",
          fmt::format("{} days, {}", format_fixed(run.days, 1), format_dollars(run.cost)),
          badge,
          css};
}

// At a fixed amount of work MFU goes with the inverse of the step time, and so do its bounds.
Card mfu_card(const Projection& projection, const std::string& badge, const std::string& css) {
  const StepProjection& step = projection.step;
  const CausalPair& mfu = projection.throughput.mfu;
  const double slow = mfu.causal * share(step.rank0.time.value, step.high.value);
  const double fast = mfu.causal * share(step.rank0.time.value, step.low.value);
  return {"MFU, causal",
          format_percent(mfu.causal),
          interval(format_percent(slow), format_percent(fast)) + " (80 %)",
          format_percent(mfu.noncausal) + " if attention counts in full",
          badge,
          css};
}

Card bubble_card(const StepProjection& step, const std::string& badge, const std::string& css) {
  const auto bubble = [](const StepParts& p) { return share(p.bubble.value, p.time.value); };
  double least = bubble(step.mean);
  double most = least;
  for (const StepParts& rank : step.ranks) {
    least = std::min(least, bubble(rank));
    most = std::max(most, bubble(rank));
  }
  return {"Bubble, mean of the ranks",
          format_percent(bubble(step.mean)),
          interval(format_percent(least), format_percent(most)),
          "from the best rank to the worst",
          badge,
          css};
}

Card exposed_card(const Projection& projection, const std::string& badge, const std::string& css) {
  const CommunicationProjection& all = projection.communication;
  return {"Exposed communication",
          format_percent(share(all.exposed.value, projection.step.mean.time.value)),
          format_seconds(all.exposed) + " of a step",
          format_percent(all.hidden_fraction) + " of it all is hidden",
          badge,
          css};
}

Card memory_card(const MemoryProjection& memory) {
  const double room = memory.capacity.value - memory.peak.value;
  const std::string words = memory.fits ? fmt::format("{} to spare", format_bytes({room}))
                                        : fmt::format("{} too much", format_bytes({-room}));
  return {"Peak memory of a GPU",
          format_bytes(memory.peak),
          fmt::format("of {} on rank {}", format_bytes(memory.capacity), memory.peak_rank),
          words,
          memory.fits ? "fits" : "does not fit",
          memory.fits ? "good" : "bad"};
}

std::vector<DataCell> term_row(const PricedTerm& term, double step) {
  const Provenance& provenance = term.price.provenance;
  return {{term.layer},
          {term.phase},
          {term.kernel},
          {format_short(term.launches, 4)},
          {format_seconds(term.price.time)},
          {format_seconds(term.price.low) + " to " + format_seconds(term.price.high)},
          {format_seconds(term.time_in_step)},
          {format_percent(share(term.time_in_step.value, step))},
          {term_basis(term, provenance.basis), term_basis(term, provenance.basis)},
          {provenance.source + (provenance.outside_range ? " (outside the measured range)" : "")}};
}

DataTable terms_table(const Projection& projection) {
  std::vector<PricedTerm> terms = projection.terms;
  std::stable_sort(terms.begin(), terms.end(), [](const PricedTerm& a, const PricedTerm& b) {
    return a.time_in_step > b.time_in_step;
  });
  const double step = projection.step.rank0.time.value;
  DataTable table = {{{"layer", false},
                      {"phase", false},
                      {"kernel", false},
                      {"launches", true},
                      {"price", true},
                      {"interval", true},
                      {"in a step", true},
                      {"share", true},
                      {"basis", false},
                      {"source", false}},
                     {}};
  Seconds rest = {0};
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (i < kMostTerms) table.rows.push_back(term_row(terms[i], step));
    if (i >= kMostTerms) rest += terms[i].time_in_step;
  }
  if (terms.size() > kMostTerms) {
    const std::string others = fmt::format("{} shorter terms", terms.size() - kMostTerms);
    table.rows.push_back({{others},
                          {},
                          {},
                          {},
                          {},
                          {},
                          {format_seconds(rest)},
                          {format_percent(share(rest.value, step))},
                          {},
                          {}});
  }
  return table;
}

std::string share_bar(const ProvenanceShares& shares) {
  std::string out = "<div class=\"shares\" role=\"img\" aria-label=\"shares of the priced time\">";
  const auto part = [&](const std::string& name, double value) {
    const std::string width = format_coordinate(value * 100);
    if (value > 0) {
      out += fmt::format("<span class=\"s-{0}\" style=\"width:{1}%\" title=\"{0}\"></span>", name,
                         width);
    }
  };
  part("measured", shares.measured);
  part("scaled", shares.scaled);
  part("estimated", shares.estimated);
  return out + "</div>\n";
}

std::string outside_range(const std::vector<std::string>& shapes) {
  if (shapes.empty()) return "<p class=\"soft\">Every shape lay within its measured range.</p>\n";
  std::string out = fmt::format("<details><summary>{} outside the measured range</summary><ul>",
                                format_number_of(shapes.size(), "shape"));
  for (std::size_t i = 0; i < std::min(shapes.size(), kMostOutside); ++i) {
    out += fmt::format("<li>{}</li>", escape(shapes[i]));
  }
  if (shapes.size() > kMostOutside) {
    out += fmt::format("<li>and {} more</li>", shapes.size() - kMostOutside);
  }
  return out + "</ul></details>\n";
}

}  // namespace

std::string verdict_cards(const Projection& projection) {
  const auto [badge, css] = main_basis(projection.provenance);
  const StepProjection& step = projection.step;
  std::string out = "<div class=\"cards\">\n";
  if (projection.run) out += card(hours_card(*projection.run, badge, css));
  out += card(
      {"Step time", format_seconds(step.rank0.time),
       interval(format_seconds(step.low), format_seconds(step.high)) + " (80 %)",
       format_count(std::round(projection.throughput.tokens_per_s_per_gpu)) + " tokens/s a GPU",
       badge, css});
  out += card(mfu_card(projection, badge, css)) + card(bubble_card(step, badge, css)) +
         card(exposed_card(projection, badge, css)) + card(memory_card(projection.memory));
  return out + "</div>\n";
}

std::string scenario_summary(const ScenarioSummary& scenario) {
  return fmt::format("<p>{} on {} x {}: {}.</p>\n<p class=\"soft\"><code>{}</code> ({})</p>\n",
                     escape(scenario.model), format_count(scenario.gpus), escape(scenario.gpu),
                     escape(degrees(scenario)), escape(scenario.path), escape(scenario.kind));
}

std::string ledger_card(const MemoryProjection& memory) {
  DataTable table = {{{"part", false}, {"size", true}, {"how it comes about", false}}, {}};
  for (const RankMemory& rank : memory.ranks) {
    if (rank.rank != memory.peak_rank) continue;
    for (const MemoryPart& part : rank.parts) {
      table.rows.push_back({{part.name}, {format_bytes(part.bytes)}, {part.why}});
    }
    table.rows.push_back({{"together"}, {format_bytes(rank.total)}, {}});
  }
  return fmt::format(
      "<figure class=\"half\"><h3>The ledger of rank {}, the fullest</h3>\n{}"
      "</figure>\n",
      memory.peak_rank, render_table(table));
}

std::string run_section(const Projection& projection) {
  if (!projection.run || projection.run->stages.empty()) return "";
  DataTable table = {{{"stage", false},
                      {"schedule", false},
                      {"micro-batches", true},
                      {"steps", true},
                      {"tokens", true},
                      {"step", true},
                      {"GPU hours", true},
                      {"interval", true},
                      {"days", true},
                      {"cost", true}},
                     {}};
  for (const RunStage& stage : projection.run->stages) {
    table.rows.push_back(
        {{stage.name},
         {stage.schedule},
         {format_count(stage.micro_batches)},
         {format_fixed(stage.steps, 0)},
         {format_count(stage.tokens.value)},
         {format_seconds(stage.step_time)},
         {format_gpu_hours(stage.gpu_hours)},
         {format_gpu_hours(stage.gpu_hours_low) + " to " + format_gpu_hours(stage.gpu_hours_high)},
         {format_fixed(stage.days, 1)},
         {format_dollars(stage.cost)}});
  }
  return "<h2>The run</h2>\n" + render_table(table);
}

std::string terms_section(const Projection& projection) {
  const ProvenanceShares& shares = projection.provenance;
  std::string out = "<h2>Where the time comes from</h2>\n" + share_bar(shares);
  const std::pair<Basis, double> all[] = {{Basis::kMeasured, shares.measured},
                                          {Basis::kScaled, shares.scaled},
                                          {Basis::kEstimated, shares.estimated}};
  out += "<p>Of the priced time ";
  for (const auto& [basis, value] : all) {
    out += render_badge(format_percent(value) + " " + basis_word(basis), basis_word(basis)) + " ";
  }
  out += "</p>\n" + outside_range(shares.outside_range);
  out += fmt::format(
      "<details><summary>The {} terms of pipeline rank 0</summary>\n"
      "<p class=\"soft\">With even routing, largest first. A price is that of all launches "
      "together; (F) forward, (B) backward, (W) weight gradients. Shares are of the rank's step; "
      "compute and communication overlap, so that they may pass 100 % together. Launch gaps, the "
      "idle time between kernels, are assumed and not part of the shares above.</p>\n{}"
      "</details>\n",
      projection.terms.size(), render_table(terms_table(projection)));
  return out;
}

std::string inputs_section(const Projection& projection) {
  DataTable table = {{{"file", false}, {"XXH3-128", false}}, {}};
  for (const InputFile& file : projection.inputs) {
    table.rows.push_back({{file.path}, {file.hash}});
  }
  const EngineStatistics& engine = projection.engine;
  const std::string scaled =
      engine.fidelity == "full"
          ? fmt::format(
                " Interval, effects of assumptions and batch ramp come from folded steps, "
                "scaled by the two steps' ratio, {}.",
                format_fixed(projection.provenance.full_over_folded, 4))
          : "";
  return "<h2>Inputs</h2>\n" + render_table(table) +
         fmt::format("<p class=\"soft\">Fidelity {}: {} simulated ranks, {} operations.{}</p>\n",
                     escape(engine.fidelity), format_count(static_cast<double>(engine.ranks)),
                     format_count(static_cast<double>(engine.ops)), scaled);
}

}  // namespace windtunnel
