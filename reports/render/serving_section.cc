#include "reports/render/serving_section.h"

#include <fmt/format.h>

#include "reports/render/card.h"
#include "reports/render/cluster_section.h"
#include "reports/render/embedded.h"
#include "reports/render/format.h"
#include "reports/render/headline.h"
#include "reports/render/iteration_figure.h"
#include "reports/render/iteration_timeline_figure.h"
#include "reports/render/memory_figure.h"
#include "reports/render/page_sections.h"
#include "reports/render/sensitivity_figure.h"
#include "reports/render/serving_json.h"
#include "reports/render/serving_text.h"
#include "reports/render/side_by_side.h"
#include "reports/render/sources.h"
#include "reports/render/svg.h"
#include "reports/render/table.h"
#include "reports/render/validation_figure.h"

namespace windtunnel {
namespace {

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

std::string rate_interval(const Interval& it) {
  return interval_words(shown_rate(it.low), shown_rate(it.high));
}

std::string time_interval(const Interval& it) {
  return interval_words(shown_time(it.low), shown_time(it.high));
}

Card memory_card(const UnitMemory& unit, const std::string& id) {
  return {"Memory of a GPU",
          format_bytes(unit.total),
          fmt::format("of {}", format_bytes(unit.capacity)),
          fmt::format("room for {} tokens of a group", format_count(unit.max_tokens)),
          unit.fits ? "fits, estimated" : "does not fit, estimated",
          unit.fits ? "good" : "bad",
          id.empty() ? id : id + "-memory"};
}

std::string cards(const ServingProjection& projection, const std::string& id) {
  std::string out = "<div class=\"cards\">\n";
  if (projection.rates) {
    const ServingRates& it = *projection.rates;
    const MainBasis basis = main_basis(projection.shares);
    const std::string to = id.empty() ? id : id + "-sources";
    for (const Card& card :
         {Card{"Decoding, tokens/s a GPU", shown_rate(it.decode_tokens_per_s_per_gpu.value),
               rate_interval(it.decode_tokens_per_s_per_gpu), "of a unit that decodes", basis.words,
               basis.css, to},
          Card{"Prefill, tokens/s a GPU", shown_rate(it.prefill_tokens_per_s_per_gpu.value),
               rate_interval(it.prefill_tokens_per_s_per_gpu), "of a unit that prefills",
               basis.words, basis.css, to},
          Card{"Next token", shown_time(it.tpot_s.value), time_interval(it.tpot_s),
               "in a full batch", basis.words, basis.css, to},
          Card{"First token", shown_time(it.ttft_s.value), time_interval(it.ttft_s),
               "of a request that meets no queue", basis.words, basis.css, to},
          Card{"A million output tokens", shown_dollars(it.usd_per_million_output_tokens.value),
               interval_words(shown_dollars(it.usd_per_million_output_tokens.low),
                              shown_dollars(it.usd_per_million_output_tokens.high)),
               shown_dollars(it.usd_per_million_prompt_tokens.value) + " of the prompt",
               basis.words, basis.css, to}}) {
      out += render_card(card);
    }
  }
  out += render_card(memory_card(projection.memory.front(), id));
  return out + "</div>\n";
}

std::string figures(const ServingProjection& projection, const std::string& id) {
  std::string out = "<h2>Against what was published, and what could change</h2>\n";
  out += "<div class=\"figures\">\n";
  out += render_figure(validation_figure(projection.published, id + "-validation"));
  out += render_figure(tornado_figure(sensitivity_rows(projection), id + "-sensitivity"));
  out += "</div>\n<h2>An iteration, and memory</h2>\n<div class=\"figures\">\n";
  if (!projection.iterations.empty()) {
    out += render_figure(iteration_timeline_figure(projection.iterations, id + "-timeline"));
    out += render_figure(iteration_figure(projection.iterations, id + "-iteration"));
  }
  out += render_figure(unit_memory_figure(projection.memory, id + "-memory"));
  for (const UnitMemory& unit : projection.memory) {
    out += "<figure class=\"half\">" + ledger(unit) + "</figure>\n";
  }
  return out + "</div>\n";
}

std::string sources(const ServingProjection& projection, const std::string& id) {
  if (!projection.rates) return "";
  const auto shares = source_shares(sourced_times(projection.iterations));
  return fmt::format("<h2 id=\"{}-sources\">Where the time comes from</h2>\n", id) +
         shares_bar(projection.shares) + outside_range(projection.outside_range) +
         render_table(sources_table(shares, id + "-source")) +
         "<p class=\"soft\">Shares are of the terms of one iteration of each kind.</p>\n";
}

/// `badges_to`: the section's id, or empty where it ends with its cards.
std::string head(const ServingProjection& projection, std::size_t index,
                 const std::string& badges_to) {
  return fmt::format("<section id=\"{}\">\n<h1>{}</h1>\n<p class=\"soft\"><code>{}</code></p>\n",
                     section_id(projection, index), escape(projection.scenario.name),
                     escape(projection.scenario.path)) +
         headline(projection) + cards(projection, badges_to);
}

}  // namespace

std::string serving_section(const ServingProjection& projection, std::size_t index,
                            const BuildVersion& build) {
  const std::string id = section_id(projection, index);
  std::string out = head(projection, index, id) + figures(projection, id);
  out += "<h2>Rates and load</h2>\n" + rates(projection) + load(projection);
  out += fmt::format("<p>Fewest GPUs for the model and one request: {}.</p>\n",
                     escape(fits_words(projection.fits_on)));
  out += network_section(projection.network);
  out += sources(projection, id);
  out += "<h2>Inputs</h2>\n" + inputs_table(projection.inputs);
  return out + embedded_document("data-" + id, render_serving_json(projection, build)) +
         "</section>\n";
}

std::string brief_serving_section(const ServingProjection& projection, std::size_t index) {
  return head(projection, index, "") + std::string(kPageFull) + "</section>\n";
}

}  // namespace windtunnel
