#include "reports/render/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "reports/render/format.h"
#include "reports/render/network_text.h"

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

/// "2 x 115 us [92.2 us, 144 us]": one launch, or all of a term that is launched once.
std::string formula(const PricedTerm& term, const Price& price) {
  const double launches = std::max(term.launches, 1.0);
  const auto one = [&](Seconds time) { return format_seconds(time / launches); };
  return fmt::format("{:>6} x {:>7} {:<18}", format_short(launches, 4), one(price.time),
                     fmt::format("[{}, {}]", one(price.low), one(price.high)));
}

bool same_price(const Price& a, const Price& b) {
  return a.time == b.time && a.low == b.low && a.high == b.high &&
         a.provenance.source == b.provenance.source;
}

/// Settings in which a term costs the same make one row.
std::vector<TermRuns> merged_runs(const PricedTerm& term) {
  if (term.runs.size() != 2 || !same_price(term.runs[0].price, term.runs[1].price)) {
    return term.runs;
  }
  return {{"any", term.runs[0].count + term.runs[1].count, term.runs[0].price}};
}

/// A row for each setting in which the term costs something else.
std::string term_lines(const PricedTerm& term, double step) {
  std::string out;
  std::string name = term.kernel;
  for (const TermRuns& runs : merged_runs(term)) {
    const Provenance& provenance = runs.price.provenance;
    const Seconds time = runs.price.time * runs.count;
    out += fmt::format("    {:<52} {} x {:>4} {:<8}{:>10} {:>7}  {:<10}{}{}\n", name,
                       formula(term, runs.price), format_short(runs.count, 6), runs.setting,
                       format_seconds(time), format_percent(share(time.value, step)),
                       term_basis(term, provenance.basis), provenance.source,
                       provenance.outside_range ? " (outside the measured range)" : "");
    name.clear();
  }
  return out;
}

std::string sum_line(int indent, const std::string& name, double seconds, double step) {
  const std::string label = std::string(static_cast<std::size_t>(indent), ' ') + name;
  return fmt::format("{:<56} {:>48}{:>10} {:>7}\n", label, "in a step", format_seconds({seconds}),
                     format_percent(share(seconds, step)));
}

/// The rows as parts of the rank's step: what its compute stream does, and when it does nothing.
std::string balance(const Projection& projection) {
  const StepParts& parts = projection.step.rank0;
  const double kernels = seconds_in_step(
      projection.terms, [](const PricedTerm& term) { return term.kind == TermKind::kKernel; });
  const double gaps = seconds_in_step(
      projection.terms, [](const PricedTerm& term) { return term.kind == TermKind::kLaunchGap; });
  const double slots = (parts.forward + parts.backward + parts.weight + parts.overlapped).value;
  std::string out = "The step of pipeline rank 0\n";
  const auto line = [&](const char* name, double seconds, const char* what) {
    out += fmt::format("  {:<12}{:>10} s {:>7}  {}\n", name, format_fixed(seconds, 3),
                       format_percent(share(seconds, parts.time.value)), what);
  };
  line("kernels", kernels, "the rows above that are neither transfers, gaps nor the update");
  line("gaps", gaps, "the rows called launch gaps");
  line("waiting", slots - kernels - gaps,
       "inside slots: for transfers and slower ranks, and rows that routing adds or takes");
  line("bubble", parts.bubble.value, "between slots: nothing to run");
  line("optimizer", parts.optimizer.value,
       "the update; waiting for the slowest rank before it is bubble");
  line("step", parts.time.value, "the sum");
  return out + "\n";
}

constexpr const char* kHowToRead =
    "Terms of pipeline rank 0 with even routing: launches x price of one [80 % interval] x runs in "
    "a\n"
    "step = time in the step. The rows of a phase add up to it, its launch gaps included. Runs "
    "are\n"
    "paired (beside another chunk), alone, or any where both cost the same. Shares are of the "
    "step\n"
    "({}); transfers run beside compute, so that they may pass 100 % together.\n"
    "(F) forward, (B) backward, (W) weight gradients; m, n, k and groups: rows, columns, depth, "
    "experts\n"
    "or heads of a kernel.\n\n";

std::string terms(const Projection& projection) {
  const std::vector<PricedTerm>& all = projection.terms;
  const double step = projection.step.rank0.time.value;
  std::string out = fmt::format(kHowToRead, format_seconds(projection.step.rank0.time));
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
        if (in_phase(term)) out += term_lines(term, step);
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
  return terms(projection) + balance(projection) + assumptions(projection) +
         outside_range(projection.provenance) + network_text(projection.network, true) +
         memory(projection.memory);
}

}  // namespace windtunnel
