#include "reports/render/page_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "reports/render/card.h"
#include "reports/render/format.h"
#include "reports/render/sources.h"
#include "reports/render/svg.h"
#include "reports/render/table.h"

namespace windtunnel {
namespace {

constexpr std::size_t kMostTerms = 60;
constexpr std::size_t kMostOutside = 40;

BasisShares basis_shares(const ProvenanceShares& shares) {
  return {shares.measured, shares.scaled, shares.estimated};
}

// What every card of a projection's times has in common.
struct Badge {
  MainBasis basis;
  std::string to;
};

Card hours_card(const RunProjection& run, const Badge& badge) {
  return {"GPU hours",
          format_gpu_hours(run.gpu_hours),
          interval_words(format_gpu_hours(run.gpu_hours_low), format_gpu_hours(run.gpu_hours_high)),
          fmt::format("{} days, {}", format_fixed(run.days, 1), format_dollars(run.cost)),
          badge.basis.words,
          badge.basis.css,
          badge.to};
}

Card step_card(const Projection& projection, const Badge& badge) {
  const StepProjection& step = projection.step;
  return {"Step time",
          format_seconds(step.rank0.time),
          interval_words(format_seconds(step.low), format_seconds(step.high)),
          format_count(std::round(projection.throughput.tokens_per_s_per_gpu)) + " tokens/s a GPU",
          badge.basis.words,
          badge.basis.css,
          badge.to};
}

// At a fixed amount of work MFU goes with the inverse of the step time, and so do its bounds.
Card mfu_card(const Projection& projection, const Badge& badge) {
  const StepProjection& step = projection.step;
  const CausalPair& mfu = projection.throughput.mfu;
  const double slow = mfu.causal * share(step.rank0.time.value, step.high.value);
  const double fast = mfu.causal * share(step.rank0.time.value, step.low.value);
  return {"MFU, causal",
          format_percent(mfu.causal),
          interval_words(format_percent(slow), format_percent(fast)),
          format_percent(mfu.noncausal) + " if attention counts in full",
          badge.basis.words,
          badge.basis.css,
          badge.to};
}

Card bubble_card(const StepProjection& step, const Badge& badge) {
  const auto bubble = [](const StepParts& p) { return share(p.bubble.value, p.time.value); };
  double least = bubble(step.mean);
  double most = least;
  for (const StepParts& rank : step.ranks) {
    least = std::min(least, bubble(rank));
    most = std::max(most, bubble(rank));
  }
  return {"Bubble, mean of the ranks",
          format_percent(bubble(step.mean)),
          format_percent(least) + " to " + format_percent(most),
          "from the best rank to the worst",
          badge.basis.words,
          badge.basis.css,
          badge.to};
}

Card exposed_card(const Projection& projection, const Badge& badge) {
  const CommunicationProjection& all = projection.communication;
  return {"Exposed communication",
          format_percent(share(all.exposed.value, projection.step.mean.time.value)),
          format_seconds(all.exposed) + " of a step",
          format_percent(all.hidden_fraction) + " of it all is hidden",
          badge.basis.words,
          badge.basis.css,
          badge.to};
}

Card memory_card(const MemoryProjection& memory, const std::string& to) {
  const double room = memory.capacity.value - memory.peak.value;
  const std::string words = memory.fits ? fmt::format("{} to spare", format_bytes({room}))
                                        : fmt::format("{} too much", format_bytes({-room}));
  return {"Peak memory of a GPU",
          format_bytes(memory.peak),
          fmt::format("of {} on rank {}", format_bytes(memory.capacity), memory.peak_rank),
          words,
          memory.fits ? "fits, estimated" : "does not fit, estimated",
          memory.fits ? "good" : "bad",
          to};
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
          {provenance.source + (provenance.outside_range ? " (outside the measured range)" : ""),
           "", "", true}};
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

}  // namespace

std::string verdict_cards(const Projection& projection, const std::string& id) {
  const auto to = [&](const char* part) { return id.empty() ? id : id + part; };
  const Badge badge = {main_basis(basis_shares(projection.provenance)), to("-sources")};
  std::string out = "<div class=\"cards\">\n";
  if (projection.run) out += render_card(hours_card(*projection.run, badge));
  for (const Card& card : {step_card(projection, badge), mfu_card(projection, badge),
                           bubble_card(projection.step, badge), exposed_card(projection, badge),
                           memory_card(projection.memory, to("-ledger"))}) {
    out += render_card(card);
  }
  return out + "</div>\n";
}

std::string scenario_summary(const ScenarioSummary& scenario) {
  return fmt::format("<p class=\"soft\"><code>{}</code> ({})</p>\n", escape(scenario.path),
                     escape(scenario.kind));
}

std::string ledger_card(const MemoryProjection& memory, const std::string& id) {
  DataTable table = {{{"part", false}, {"size", true}, {"how it comes about", false}}, {}};
  for (const RankMemory& rank : memory.ranks) {
    if (rank.rank != memory.peak_rank) continue;
    for (const MemoryPart& part : rank.parts) {
      table.rows.push_back({{part.name}, {format_bytes(part.bytes)}, {part.why}});
    }
    table.rows.push_back({{"together"}, {format_bytes(rank.total)}, {}});
  }
  table.name = "the ledger of the fullest rank";
  return fmt::format(
      "<figure class=\"half\" id=\"{}-ledger\"><h3>The ledger of rank {}, the fullest</h3>\n{}"
      "</figure>\n",
      escape(id), memory.peak_rank, render_table(table));
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

std::string terms_section(const Projection& projection, const std::string& id) {
  const DataTable sources =
      sources_table(source_shares(sourced_times(projection.terms)), id + "-source");
  return fmt::format(
      "<h2 id=\"{}-sources\">Where the time comes from</h2>\n{}{}{}"
      "<p class=\"soft\">Shares are of the time of all terms of pipeline rank 0 together, launch "
      "gaps included, which are assumed.</p>\n"
      "<details><summary>The {} terms of pipeline rank 0</summary>\n"
      "<p class=\"soft\">With even routing, largest first. A price is that of all launches "
      "together; (F) forward, (B) backward, (W) weight gradients. Shares are of the rank's step; "
      "compute and communication overlap, so that they may pass 100 % together. Launch gaps, the "
      "idle time between kernels, are assumed and not part of the shares above.</p>\n{}"
      "</details>\n",
      escape(id), shares_bar(basis_shares(projection.provenance)),
      outside_range(projection.provenance.outside_range), render_table(sources),
      projection.terms.size(), render_table(terms_table(projection)));
}

std::string inputs_table(const std::vector<InputFile>& inputs) {
  DataTable table = {{{"file", false}, {"XXH3-128", false}}, {}, "inputs with their hashes"};
  for (const InputFile& file : inputs) table.rows.push_back({{file.path}, {file.hash}});
  return render_table(table);
}

std::string inputs_section(const Projection& projection) {
  const EngineStatistics& engine = projection.engine;
  const std::string scaled =
      engine.fidelity == "full"
          ? fmt::format(
                " Interval, effects of assumptions and batch ramp come from folded steps, "
                "scaled by the two steps' ratio, {}.",
                format_fixed(projection.provenance.full_over_folded, 4))
          : "";
  return "<h2>Inputs</h2>\n" + inputs_table(projection.inputs) +
         fmt::format("<p class=\"soft\">Fidelity {}: {} simulated ranks, {} operations.{}</p>\n",
                     escape(engine.fidelity), format_count(static_cast<double>(engine.ranks)),
                     format_count(static_cast<double>(engine.ops)), scaled);
}

}  // namespace windtunnel
