#include "reports/render/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "reports/render/format.h"

namespace windtunnel {
namespace {

using TermFilter = std::function<bool(const PricedTerm&)>;
using TermKey = std::string PricedTerm::*;

// The distinct values of a member among the terms that pass, in order of first appearance.
std::vector<std::string> distinct(const std::vector<PricedTerm>& terms, TermKey key,
                                  const TermFilter& keep) {
  std::vector<std::string> out;
  for (const PricedTerm& term : terms) {
    const std::string& value = term.*key;
    if (keep(term) && std::find(out.begin(), out.end(), value) == out.end()) out.push_back(value);
  }
  return out;
}

double seconds_in_step(const std::vector<PricedTerm>& terms, const TermFilter& keep) {
  double sum = 0;
  for (const PricedTerm& term : terms) {
    if (keep(term)) sum += term.time_in_step.value;
  }
  return sum;
}

std::string term_line(const PricedTerm& term, double step) {
  const Price& price = term.price;
  const std::string range =
      fmt::format("[{}, {}]", format_seconds(price.low), format_seconds(price.high));
  return fmt::format("    {:<44} {:>6} x {:>9} {:<22} {:<9} {:>7}  {}{}\n", term.kernel,
                     format_short(term.launches, 4), format_seconds(price.time), range,
                     basis_word(price.provenance.basis),
                     format_percent(share(term.time_in_step.value, step)), price.provenance.source,
                     price.provenance.outside_range ? " (outside the measured range)" : "");
}

std::string sum_line(int indent, const std::string& name, double seconds, double step) {
  const std::string label = std::string(static_cast<std::size_t>(indent), ' ') + name;
  return fmt::format("{:<48} {:>18} in a step {:>26}\n", label, format_seconds({seconds}),
                     format_percent(share(seconds, step)));
}

std::string terms(const Projection& projection) {
  const std::vector<PricedTerm>& all = projection.terms;
  const double step = projection.step.rank0.time.value;
  std::string out = fmt::format(
      "Priced terms of pipeline rank 0; shares are of its step ({}) and may pass 100 % together,\n"
      "because compute and communication overlap. A price is that of all launches together.\n\n",
      format_seconds(projection.step.rank0.time));
  const auto any = [](const PricedTerm&) { return true; };
  for (const std::string& layer : distinct(all, &PricedTerm::layer, any)) {
    const auto in_layer = [&](const PricedTerm& term) { return term.layer == layer; };
    out += sum_line(0, layer, seconds_in_step(all, in_layer), step);
    for (const std::string& phase : distinct(all, &PricedTerm::phase, in_layer)) {
      const auto in_phase = [&](const PricedTerm& term) {
        return in_layer(term) && term.phase == phase;
      };
      out += sum_line(2, phase, seconds_in_step(all, in_phase), step);
      for (const PricedTerm& term : all) {
        if (in_phase(term)) out += term_line(term, step);
      }
    }
    out += "\n";
  }
  return out;
}

std::string assumptions(const Projection& projection) {
  std::string out = "Assumptions\n";
  for (const AssumptionEffect& a : projection.provenance.assumptions) {
    out += fmt::format("  {}: {} (range {})\n", a.what, a.value, a.range);
    out += fmt::format("    step {} to {}", format_seconds({a.step_low_s}),
                       format_seconds({a.step_high_s}));
    if (projection.run) {
      out += fmt::format(", {} to {} GPU hours", format_gpu_hours(a.gpu_hours_low),
                         format_gpu_hours(a.gpu_hours_high));
    }
    out += "\n    " + a.why + "\n";
  }
  if (projection.provenance.assumptions.empty()) out += "  none\n";
  return out + "\n";
}

std::string outside_range(const ProvenanceShares& provenance) {
  if (provenance.outside_range.empty()) return "";
  std::string out = "Shapes outside the measured range\n";
  for (const std::string& shape : provenance.outside_range) out += "  " + shape + "\n";
  return out + "\n";
}

std::string memory(const MemoryProjection& memory) {
  std::string out = fmt::format("Memory of rank {}, {} of {}\n", memory.peak_rank,
                                format_bytes(memory.peak), format_bytes(memory.capacity));
  for (const RankMemory& rank : memory.ranks) {
    if (rank.rank != memory.peak_rank) continue;
    for (const MemoryPart& part : rank.parts) {
      out += fmt::format("  {:<30} {:>10}  {}\n", part.name, format_bytes(part.bytes), part.why);
    }
  }
  return out;
}

}  // namespace

std::string render_explain(const Projection& projection) {
  return terms(projection) + assumptions(projection) + outside_range(projection.provenance) +
         memory(projection.memory);
}

}  // namespace windtunnel
