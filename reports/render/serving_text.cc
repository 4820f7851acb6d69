#include "reports/render/serving_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/render/format.h"
#include "reports/render/ink.h"
#include "reports/render/network_text.h"
#include "reports/render/verdict.h"

namespace windtunnel {
namespace {

constexpr int kWidth = 80;
constexpr int kBarWidth = 40;
constexpr std::size_t kMostParts = 6;       // of one unit
constexpr std::size_t kMostPartsOfTwo = 4;  // of each
constexpr std::size_t kMostPublished = 4;

std::string title(const ServingProjection& projection, const Ink& ink) {
  const ServingSummary& it = projection.scenario;
  std::string out = ink.bold(shorten(it.name, kWidth)) + "\n" +
                    shorten(fmt::format("{} ({} weights, {} cache) on {} x {}", it.model,
                                        it.weights, it.cache, format_count(it.gpus), it.gpu),
                            kWidth) +
                    "\n";
  for (const UnitSummary& unit : it.units) {
    const std::string count = unit.count > 1 ? fmt::format("{} x ", unit.count) : "";
    out +=
        shorten((unit.name == "unit" ? "" : "prefill: ") + count + unit_words(unit), kWidth) + "\n";
  }
  return out + "\n";
}

std::string rate_line(const char* name, const std::string& value, const Interval& interval,
                      std::string (*show)(double), const std::string& note, const Ink& ink) {
  return fmt::format("{:<12}{}  {:<30}{}\n", name, ink.bold(fmt::format("{:>9}", value)),
                     show(interval.low) + " to " + show(interval.high) + " (80 %)", note);
}

std::string rates(const ServingProjection& projection, const Ink& ink) {
  if (!projection.rates) return "No times: " + projection.unpriced + "\n\n";
  const ServingRates& it = *projection.rates;
  const auto cost = [](const Interval& dollars) {
    return "$" + format_fixed(dollars.value, 3) + " a million tokens";
  };
  std::string out;
  out += rate_line("Prefill", shown_rate(it.prefill_tokens_per_s_per_gpu.value),
                   it.prefill_tokens_per_s_per_gpu, shown_rate,
                   cost(it.usd_per_million_prompt_tokens), ink);
  out += rate_line("Decode", shown_rate(it.decode_tokens_per_s_per_gpu.value),
                   it.decode_tokens_per_s_per_gpu, shown_rate,
                   cost(it.usd_per_million_output_tokens), ink);
  out += rate_line("First token", shown_time(it.ttft_s.value), it.ttft_s, shown_time,
                   "of a request alone", ink);
  out += rate_line("Next token", shown_time(it.tpot_s.value), it.tpot_s, shown_time,
                   "of a full batch", ink);
  return out + "  rates: tokens/s a GPU of the unit that runs the phase\n\n";
}

std::string iterations(const ServingProjection& projection) {
  if (projection.iterations.empty()) return "";
  std::string out =
      fmt::format("{:<34}{:>10}{:>12}{:>12}{:>9}\n", "Iteration of an attention group", "time",
                  "compute", "transfers", "hidden");
  for (const IterationProjection& it : projection.iterations) {
    const std::string what =
        it.requests > 0
            ? fmt::format("{} at {}",
                          format_number_of(static_cast<std::size_t>(it.requests), "request"),
                          format_count(it.context))
            : fmt::format("{} tokens", format_count(it.prompt_tokens));
    out += fmt::format("  {:<32}{:>10}{:>12}{:>12}{:>9}\n", it.name + ", " + what,
                       format_seconds(it.time), format_seconds(it.compute),
                       format_seconds(it.transfers),
                       it.transfers.value > 0 ? format_percent(it.hidden_fraction) : "-");
  }
  return out + "\n";
}

std::string load_line(const char* name, const Percentiles& it) {
  return fmt::format("  {:<22}{:>12}{:>12}{:>12}{:>12}\n", name, shown_time(it.mean),
                     shown_time(it.p50), shown_time(it.p90), shown_time(it.p99));
}

/// The percentiles, and those with all iterations at the ends of the rates' intervals.
std::string load_lines(const ServingProjection& projection, const char* name,
                       Percentiles QueueProjection::*which) {
  std::string out = load_line(name, (*projection.queue).*which);
  if (!projection.queue_ends) return out;
  const Percentiles& fast = projection.queue_ends->fast.*which;
  const Percentiles& slow = projection.queue_ends->slow.*which;
  return out + fmt::format("    80 %: p50 {} to {}, p99 {} to {}\n", shown_time(fast.p50),
                           shown_time(slow.p50), shown_time(fast.p99), shown_time(slow.p99));
}

std::string load(const ServingProjection& projection) {
  if (!projection.queue) return "";
  const QueueProjection& it = *projection.queue;
  const std::string label =
      fmt::format("{} requests", format_count(static_cast<double>(it.requests)));
  std::string out =
      fmt::format("{:<24}{:>12}{:>12}{:>12}{:>12}\n", label, "mean", "p50", "p90", "p99");
  out += load_lines(projection, "first token", &QueueProjection::ttft_s) +
         load_lines(projection, "next token", &QueueProjection::tpot_s);
  out += fmt::format("  {} requests/s, {} output tokens/s a GPU, ${} a million output tokens\n",
                     format_short(it.requests_per_s, 3), shown_rate(it.output_tokens_per_s_per_gpu),
                     format_fixed(it.usd_per_million_output_tokens, 3));
  out += fmt::format(
      "  busy {}, {} requests in a group's batch, {} wait\n  {} tokens in the cache, at most {}\n",
      format_percent(it.busy_fraction), format_short(it.batch_mean, 3),
      format_short(it.queue_mean, 3), shown_rate(it.cache_tokens_mean),
      shown_rate(it.cache_tokens_peak));
  if (it.refused > 0) {
    out += fmt::format("  {} refused: longer than any cache\n",
                       format_count(static_cast<double>(it.refused)));
  }
  return out + "\n";
}

std::vector<MemoryPart> largest_parts(const UnitMemory& unit, std::size_t most) {
  std::vector<MemoryPart> parts = unit.parts;
  std::stable_sort(parts.begin(), parts.end(),
                   [](const MemoryPart& a, const MemoryPart& b) { return a.bytes > b.bytes; });
  if (parts.size() <= most) return parts;
  MemoryPart rest{fmt::format("{} others", parts.size() - most + 1), {0}, ""};
  for (std::size_t i = most - 1; i < parts.size(); ++i) rest.bytes += parts[i].bytes;
  parts.resize(most - 1);
  parts.push_back(rest);
  return parts;
}

std::string memory(const UnitMemory& unit, std::size_t most, const Ink& ink) {
  const double room = unit.capacity.value - unit.total.value;
  const std::string fit = unit.fits ? ink.good("fits") : ink.bad("does not fit");
  std::string out = fmt::format("Memory of a GPU ({}): {} of {}, {}, {} {}\n", unit.unit,
                                format_bytes(unit.total), format_bytes(unit.capacity), fit,
                                format_bytes({std::abs(room)}), room < 0 ? "over" : "left");
  for (const MemoryPart& part : largest_parts(unit, most)) {
    const double share = std::clamp(part.bytes / unit.capacity, 0.0, 1.0);
    std::string line =
        fmt::format("  {:<28}{:>10}  {}", shorten(part.name, 27), format_bytes(part.bytes),
                    std::string(static_cast<std::size_t>(std::lround(share * kBarWidth)), '#'));
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out + fmt::format("  room for {} tokens in the cache of a group\n",
                           format_count(unit.max_tokens));
}

std::string published(const std::vector<ComparisonRow>& all, const Ink& ink) {
  if (all.empty()) return "";
  const std::vector<ComparisonRow> rows = failures_first(all);
  std::string out =
      fmt::format("\n{:<26}{:>13}{:>13}{:>10}\n", "Published", "published", "projected", "error");
  for (std::size_t i = 0; i < std::min(rows.size(), kMostPublished); ++i) {
    const ComparisonRow& row = rows[i];
    std::string words = verdict_words(row);
    if (verdict(row) == Verdict::kOutside) words = ink.bad(words);
    out += fmt::format("  {:<24}{:>13}{:>13}{:>10}  {}\n", shorten(row.quantity, 23),
                       shorten(format_figure(row.published, row.unit), 12),
                       shorten(format_figure(row.projected, row.unit), 12),
                       format_change(row.error), words);
  }
  return out;
}

std::string provenance(const ServingProjection& projection) {
  if (!projection.rates) return "";
  std::string out = fmt::format("\nPriced time: {} measured, {} scaled, {} estimated",
                                format_percent(projection.shares.measured),
                                format_percent(projection.shares.scaled),
                                format_percent(projection.shares.estimated));
  if (!projection.outside_range.empty()) {
    out += fmt::format("\n  {} outside the measured range",
                       format_number_of(projection.outside_range.size(), "shape"));
  }
  return out + "\n";
}

std::string term_line(const IterationTerm& term) {
  const Price& price = term.each;
  std::string line =
      fmt::format("    {:>6} x {:>8} [{}, {}]{}  {}: {}\n", format_short(term.launches, 4),
                  format_seconds(price.time), format_seconds(price.low), format_seconds(price.high),
                  term.stretched > 1 ? fmt::format(" x {:.3f}", term.stretched) : "", term.kernel,
                  basis_word(price.provenance.basis));
  return line + "             " + price.provenance.source + "\n";
}

std::string terms(const IterationProjection& iteration) {
  std::string out =
      fmt::format("{} iteration, {}\n", iteration.name, format_seconds(iteration.time));
  std::string block;
  for (const IterationTerm& term : iteration.terms) {
    if (term.block != block) out += "  " + term.block + "\n";
    block = term.block;
    out += term_line(term);
  }
  return out + "\n";
}

}  // namespace

std::string shown_rate(double value) { return format_count(std::round(value)); }
std::string shown_time(double value) { return format_seconds({value}); }

std::string unit_words(const UnitSummary& unit) {
  std::string out = format_number_of(static_cast<std::size_t>(unit.gpus), "GPU") + ":";
  if (unit.tensor > 1) out += fmt::format(" tensor {}", unit.tensor);
  if (unit.data > 1) out += fmt::format("{} data {}", unit.tensor > 1 ? " x" : "", unit.data);
  if (unit.tensor == 1 && unit.data == 1) out += " not divided";
  if (unit.expert > 1) out += fmt::format(", expert {}", unit.expert);
  if (unit.redundant_experts > 0) {
    out += fmt::format(", {} copies", unit.redundant_experts);
  }
  if (unit.micro_batches > 1) out += fmt::format(", {} micro-batches", unit.micro_batches);
  return out;
}

std::string fits_words(const std::vector<FitsOn>& all) {
  std::string out;
  std::string none;
  for (const FitsOn& it : all) {
    std::string& list = it.gpus ? out : none;
    if (!list.empty()) list += ", ";
    list += it.gpus ? fmt::format("{} x {}", *it.gpus, it.gpu) : it.gpu;
  }
  if (!none.empty()) out += (out.empty() ? "not on " : "; not on ") + none;
  return out;
}

std::string render_serving_text(const ServingProjection& projection, bool colour) {
  const Ink ink = {colour};
  std::string out = title(projection, ink) + rates(projection, ink) + iterations(projection) +
                    load(projection) + network_text(projection.network, false);
  const std::size_t most = projection.memory.size() > 1 ? kMostPartsOfTwo : kMostParts;
  for (const UnitMemory& unit : projection.memory) out += memory(unit, most, ink);
  out += "Fewest GPUs for the model and one request:\n";
  std::string line;
  for (const FitsOn& it : projection.fits_on) {
    if (!it.gpus) continue;
    const std::string one = fmt::format("{} x {}", *it.gpus, it.gpu);
    if (line.size() + one.size() + 4 > kWidth) {
      out += "  " + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : ", ") + one;
  }
  if (!line.empty()) out += "  " + line + "\n";
  return out + published(projection.published, ink) + provenance(projection);
}

std::string render_serving_explain(const ServingProjection& projection) {
  std::string out;
  for (const IterationProjection& iteration : projection.iterations) out += terms(iteration);
  if (!projection.rates) out += "No times: " + projection.unpriced + "\n\n";
  out += "Assumptions\n";
  for (const ServingEffect& it : projection.assumptions) {
    out += fmt::format(
        "  {}: {} (range {})\n    first token {} to {}, next token {} to {}\n    {}\n", it.what,
        it.value, it.range, shown_time(it.ttft_s.low), shown_time(it.ttft_s.high),
        shown_time(it.tpot_s.low), shown_time(it.tpot_s.high), it.why);
  }
  out += "\n";
  if (!projection.outside_range.empty()) {
    out += "Shapes outside the measured range\n";
    for (const std::string& shape : projection.outside_range) out += "  " + shape + "\n";
    out += "\n";
  }
  for (const UnitMemory& unit : projection.memory) {
    out += fmt::format("Memory of a GPU ({}): {} ({} to {}) of {}\n", unit.unit,
                       format_bytes(unit.total), format_bytes(unit.low), format_bytes(unit.high),
                       format_bytes(unit.capacity));
    for (const MemoryPart& part : unit.parts) {
      out += fmt::format("  {:<30} {:>10}  {}\n", part.name, format_bytes(part.bytes), part.why);
    }
  }
  return out + "Fewest GPUs: " + fits_words(projection.fits_on) + "\n";
}

}  // namespace windtunnel
