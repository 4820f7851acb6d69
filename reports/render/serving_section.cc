#include "reports/render/serving_section.h"

#include <fmt/format.h>

#include <cmath>

#include "reports/render/format.h"
#include "reports/render/serving_text.h"
#include "reports/render/svg.h"
#include "reports/render/table.h"
#include "reports/render/verdict.h"

namespace windtunnel {
namespace {

std::string shown_rate(double value) { return format_count(std::round(value)); }
std::string shown_time(double value) { return format_seconds({value}); }
std::string shown_dollars(double value) { return "$" + format_fixed(value, 3); }

std::vector<DataCell> row(const std::string& what, const Interval& it,
                          std::string (*show)(double)) {
  return {{what}, {show(it.value)}, {show(it.low) + " to " + show(it.high)}};
}

std::string rates(const ServingProjection& projection) {
  if (!projection.rates) {
    return fmt::format("<p class=\"soft\">No times: {}.</p>\n", escape(projection.unpriced));
  }
  const ServingRates& it = *projection.rates;
  DataTable table{{{"at the operating point", false}, {"value", true}, {"80 %", true}}, {}};
  table.rows.push_back(row("prefill, tokens/s a GPU", it.prefill_tokens_per_s_per_gpu, shown_rate));
  table.rows.push_back(row("decode, tokens/s a GPU", it.decode_tokens_per_s_per_gpu, shown_rate));
  table.rows.push_back(row("first token, alone", it.ttft_s, shown_time));
  table.rows.push_back(row("next token, full batch", it.tpot_s, shown_time));
  table.rows.push_back(
      row("a million prompt tokens", it.usd_per_million_prompt_tokens, shown_dollars));
  table.rows.push_back(
      row("a million output tokens", it.usd_per_million_output_tokens, shown_dollars));
  return render_table(table);
}

std::vector<DataCell> row(const std::string& what, const Percentiles& it) {
  return {{what},
          {shown_time(it.mean)},
          {shown_time(it.p50)},
          {shown_time(it.p90)},
          {shown_time(it.p99)}};
}

std::string load(const ServingProjection& projection) {
  if (!projection.queue) return "";
  const QueueProjection& it = *projection.queue;
  const DataTable table{{{format_count(static_cast<double>(it.requests)) + " requests", false},
                         {"mean", true},
                         {"p50", true},
                         {"p90", true},
                         {"p99", true}},
                        {row("first token", it.ttft_s), row("next token", it.tpot_s)}};
  return render_table(table) +
         fmt::format(
             "<p>{} requests/s, {} output tokens/s a GPU, {} a million; busy {}, {} "
             "requests in a batch, {} tokens in the cache, queue {}.</p>\n",
             format_short(it.requests_per_s, 3), shown_rate(it.output_tokens_per_s_per_gpu),
             shown_dollars(it.usd_per_million_output_tokens), format_percent(it.busy_fraction),
             format_short(it.batch_mean, 3), shown_rate(it.cache_tokens_mean),
             format_short(it.queue_mean, 3));
}

std::string ledger(const UnitMemory& unit) {
  DataTable table{{{"memory of a GPU, " + unit.unit, false}, {"GiB", true}, {"how", false}}, {}};
  constexpr double kGibibyte = 1073741824.0;
  const auto gib = [](Bytes bytes) { return format_fixed(bytes.value / kGibibyte, 2); };
  for (const MemoryPart& part : unit.parts) {
    table.rows.push_back({{part.name}, {gib(part.bytes)}, {part.why}});
  }
  table.rows.push_back(
      {{"total"},
       {gib(unit.total), unit.fits ? "" : "bad"},
       {fmt::format("{} to {} of {} GiB; room for {} tokens of a group's cache", gib(unit.low),
                    gib(unit.high), gib(unit.capacity), format_count(unit.max_tokens))}});
  return render_table(table);
}

std::string published(const ServingProjection& projection) {
  if (projection.published.empty()) return "";
  DataTable table{{{"published", false},
                   {"published", true},
                   {"projected", true},
                   {"error", true},
                   {"verdict", false}},
                  {}};
  for (const ComparisonRow& it : failures_first(projection.published)) {
    table.rows.push_back({{it.quantity},
                          {format_figure(it.published, it.unit)},
                          {format_figure(it.projected, it.unit)},
                          {format_change(it.error)},
                          {verdict_words(it)}});
  }
  return render_table(table);
}

std::string id_of(std::size_t index) { return fmt::format("serving-{}", index + 1); }

}  // namespace

std::string serving_section(const ServingProjection& projection, std::size_t index) {
  const ServingSummary& it = projection.scenario;
  std::string out =
      fmt::format("<section id=\"{}\">\n<h1>{}</h1>\n<p>{} ({} weights, {} cache) on {} x {}",
                  id_of(index), escape(it.name), escape(it.model), it.weights, it.cache,
                  format_count(it.gpus), escape(it.gpu));
  for (const UnitSummary& unit : it.units) {
    out += fmt::format("; {}: {} x {}", unit.name, unit.count, escape(unit_words(unit)));
  }
  out += ".</p>\n" + rates(projection) + load(projection);
  for (const UnitMemory& unit : projection.memory) out += ledger(unit);
  return out +
         fmt::format("<p>Fewest GPUs for the model and one request: {}.</p>\n",
                     escape(fits_words(projection.fits_on))) +
         published(projection) + "</section>\n";
}

std::string serving_comparison(const std::vector<ServingProjection>& projections) {
  if (projections.size() < 2) return "";
  DataTable table{{{"deployment", false},
                   {"GPUs", true},
                   {"prefill, tokens/s a GPU", true},
                   {"decode, tokens/s a GPU", true},
                   {"first token", true},
                   {"next token", true},
                   {"memory of a GPU", true}},
                  {}};
  for (const ServingProjection& it : projections) {
    const bool priced = it.rates.has_value();
    const UnitMemory& unit = it.memory.front();
    table.rows.push_back({{it.scenario.name},
                          {format_count(it.scenario.gpus)},
                          {priced ? shown_rate(it.rates->prefill_tokens_per_s_per_gpu.value) : "-"},
                          {priced ? shown_rate(it.rates->decode_tokens_per_s_per_gpu.value) : "-"},
                          {priced ? shown_time(it.rates->ttft_s.value) : "-"},
                          {priced ? shown_time(it.rates->tpot_s.value) : "-"},
                          {format_bytes(unit.total), unit.fits ? "" : "bad"}});
  }
  return fmt::format("<h1>{} deployments</h1>\n{}", projections.size(), render_table(table));
}

}  // namespace windtunnel
