#include "reports/render/side_by_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "reports/render/format.h"
#include "reports/render/interval_figure.h"
#include "reports/render/serving_text.h"
#include "reports/render/svg.h"
#include "reports/render/table.h"

namespace windtunnel {
namespace {

std::string word_of(const ProvenanceShares& shares) {
  return format_percent(shares.measured) + " measured";
}

DataTable runs_table(const std::vector<Projection>& projections) {
  DataTable table = {{{"scenario", false},
                      {"GPUs", true},
                      {"GPU hours", true},
                      {"80 % interval", true},
                      {"days", true},
                      {"cost", true},
                      {"step", true},
                      {"MFU, causal", true},
                      {"bubble", true},
                      {"exposed", true},
                      {"peak memory", true},
                      {"basis", false}},
                     {},
                     "the runs side by side"};
  for (const Projection& p : projections) {
    const auto of_step = [&](Seconds part) {
      return format_percent(share(part.value, p.step.mean.time.value));
    };
    table.rows.push_back({{p.scenario.name},
                          {format_count(p.scenario.gpus)},
                          {p.run ? format_gpu_hours(p.run->gpu_hours) : "-"},
                          {p.run ? format_gpu_hours(p.run->gpu_hours_low) + " to " +
                                       format_gpu_hours(p.run->gpu_hours_high)
                                 : "-"},
                          {p.run ? format_fixed(p.run->days, 1) : "-"},
                          {p.run ? format_dollars(p.run->cost) : "-"},
                          {format_seconds(p.step.rank0.time)},
                          {format_percent(p.throughput.mfu.causal)},
                          {of_step(p.step.mean.bubble)},
                          {of_step(p.communication.exposed)},
                          {format_bytes(p.memory.peak), p.memory.fits ? "" : "bad"},
                          {word_of(p.provenance)}});
  }
  return table;
}

std::string runs_figure(const std::vector<Projection>& projections) {
  const bool hours = std::all_of(projections.begin(), projections.end(),
                                 [](const Projection& p) { return p.run.has_value(); });
  std::vector<IntervalRow> rows;
  for (const Projection& p : projections) {
    if (hours) {
      rows.push_back(
          {p.scenario.name, p.run->gpu_hours, p.run->gpu_hours_low, p.run->gpu_hours_high});
    } else {
      rows.push_back(
          {p.scenario.name, p.step.rank0.time.value, p.step.low.value, p.step.high.value});
    }
  }
  return render_figure(hours ? interval_figure("GPU hours, side by side", "GPU hours", rows,
                                               format_gpu_hours, "side-by-side")
                             : interval_figure("Step time, side by side", "a step", rows,
                                               shown_time, "side-by-side"));
}

DataTable deployments_table(const std::vector<ServingProjection>& projections) {
  DataTable table = {{{"deployment", false},
                      {"GPUs", true},
                      {"prefill, tokens/s a GPU", true},
                      {"decode, tokens/s a GPU", true},
                      {"80 % interval", true},
                      {"first token", true},
                      {"next token", true},
                      {"a million output tokens", true},
                      {"memory of a GPU", true}},
                     {},
                     "the deployments side by side"};
  for (const ServingProjection& it : projections) {
    const UnitMemory& unit = it.memory.front();
    std::vector<DataCell> row = {{it.scenario.name}, {format_count(it.scenario.gpus)}};
    if (it.rates) {
      const ServingRates& rates = *it.rates;
      const Interval& decode = rates.decode_tokens_per_s_per_gpu;
      row.push_back({shown_rate(rates.prefill_tokens_per_s_per_gpu.value)});
      row.push_back({shown_rate(decode.value)});
      row.push_back({shown_rate(decode.low) + " to " + shown_rate(decode.high)});
      row.push_back({shown_time(rates.ttft_s.value)});
      row.push_back({shown_time(rates.tpot_s.value)});
      row.push_back({"$" + format_fixed(rates.usd_per_million_output_tokens.value, 3)});
    } else {
      row.insert(row.end(), 6, {"-"});
    }
    row.push_back({format_bytes(unit.total), unit.fits ? "" : "bad"});
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string deployments_figure(const std::vector<ServingProjection>& projections) {
  std::vector<IntervalRow> rows;
  for (const ServingProjection& it : projections) {
    if (!it.rates) continue;
    const Interval& rate = it.rates->decode_tokens_per_s_per_gpu;
    rows.push_back({it.scenario.name, rate.value, rate.low, rate.high});
  }
  if (rows.size() < 2) return "";
  return render_figure(interval_figure("Decoding, side by side", "output tokens/s a GPU", rows,
                                       shown_rate, "side-by-side-serving"));
}

template <typename Projected>
std::string links(const std::vector<Projected>& all) {
  std::string out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    out +=
        fmt::format("<a href=\"#{}\">{}</a> ", section_id(all[i], i), escape(all[i].scenario.name));
  }
  return out;
}

}  // namespace

std::string section_id(const Projection&, std::size_t index) {
  return index == 0 ? "scenario" : fmt::format("scenario-{}", index + 1);
}

std::string section_id(const ServingProjection&, std::size_t index) {
  return fmt::format("serving-{}", index + 1);
}

std::string side_by_side(const std::vector<Projection>& projections,
                         const std::vector<ServingProjection>& serving) {
  const std::size_t count = projections.size() + serving.size();
  if (count < 2) return "";
  std::string out =
      fmt::format("<h1>{} scenarios side by side</h1>\n<nav aria-label=\"scenarios\">{}{}</nav>\n",
                  count, links(projections), links(serving));
  if (!projections.empty()) {
    out += fmt::format("<h2>{}</h2>\n", format_number_of(projections.size(), "run")) +
           render_table(runs_table(projections));
    if (projections.size() > 1) out += runs_figure(projections);
  }
  if (!serving.empty()) {
    out += fmt::format("<h2>{}</h2>\n", format_number_of(serving.size(), "deployment")) +
           render_table(deployments_table(serving)) + deployments_figure(serving);
  }
  return out;
}

}  // namespace windtunnel
