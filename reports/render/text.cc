#include "reports/render/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "reports/render/degrees.h"
#include "reports/render/format.h"
#include "reports/render/ink.h"
#include "reports/render/reach.h"
#include "reports/render/verdict.h"

namespace windtunnel {
namespace {

constexpr int kWidth = 80;
constexpr int kBarWidth = 40;
constexpr std::size_t kMostMemoryParts = 5;
constexpr std::size_t kMostPublished = 4;
constexpr std::size_t kMostAssumptions = 4;
constexpr std::size_t kMostMeasurements = 3;
constexpr int kMostWhat = 55;

struct Slice {
  std::string name;
  double value;
  char fill;
};

std::string bar(double value, double whole, char fill) {
  const double length = std::clamp(share(value, whole), 0.0, 1.0) * kBarWidth;
  return std::string(static_cast<std::size_t>(std::lround(length)), fill);
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string interval(const std::string& low, const std::string& high) {
  return low + " to " + high;
}

std::string title(const ScenarioSummary& scenario, const Ink& ink) {
  const std::string what =
      fmt::format("{} on {} x {}", scenario.model, format_count(scenario.gpus), scenario.gpu);
  return ink.bold(shorten(scenario.name, kWidth)) + "\n" + shorten(what, kWidth) + "\n" +
         shorten(degrees(scenario), kWidth) + "\n\n";
}

std::string headline(const Projection& projection, const Ink& ink) {
  std::string out;
  if (projection.run) {
    const RunProjection& run = *projection.run;
    const std::string range =
        interval(format_gpu_hours(run.gpu_hours_low), format_gpu_hours(run.gpu_hours_high)) +
        " (80 %)";
    out += fmt::format("{:<12}{}  {:<26}{} days, {}\n", "GPU hours",
                       ink.bold(fmt::format("{:>9}", format_gpu_hours(run.gpu_hours))), range,
                       format_fixed(run.days, 1), format_dollars(run.cost));
  }
  if (projection.run && projection.run->goodput) {
    const GoodputProjection& left = *projection.run->goodput;
    out += fmt::format("{:<12}{:>9}  a failure every {}, a checkpoint every {} (best {})\n",
                       "Goodput", format_percent(left.share), format_seconds(left.between_failures),
                       format_seconds(left.interval), format_seconds(left.best_interval));
  }
  const StepProjection& step = projection.step;
  const Throughput& rate = projection.throughput;
  out += fmt::format("{:<12}{}  {:<26}MFU {} (noncausal {})\n", "Step time",
                     ink.bold(fmt::format("{:>9}", format_seconds(step.rank0.time))),
                     interval(format_seconds(step.low), format_seconds(step.high)) + " (80 %)",
                     format_percent(rate.mfu.causal), format_percent(rate.mfu.noncausal));
  out += fmt::format("{:<12}{:>9}  {:<26}{} tokens a day\n\n", "Throughput",
                     format_count(std::round(rate.tokens_per_s_per_gpu)), "tokens/s a GPU",
                     format_count(rate.tokens_per_day));
  return out;
}

/// What each stage of a campaign takes; the step below is that of the longest.
std::string stages(const Projection& projection) {
  const bool turns = projection.scenario.kind == "reinforcement";
  if (!turns && projection.scenario.kind != "campaign") return "";
  std::string out = fmt::format("{:<24}{:>11}{:>25}{:>9}{:>11}\n", "Stage", "GPU hours", "80 %",
                                "days", turns ? "turn" : "step");
  const std::vector<RunStage>& all = projection.run->stages;
  const RunStage* longest = all.data();
  for (const RunStage& stage : all) {
    if (stage.gpu_hours > longest->gpu_hours) longest = &stage;
    out += fmt::format(
        "  {:<22}{:>11}{:>25}{:>9}{:>11}\n", shorten(stage.name, 22),
        format_gpu_hours(stage.gpu_hours),
        interval(format_gpu_hours(stage.gpu_hours_low), format_gpu_hours(stage.gpu_hours_high)),
        format_fixed(stage.days, 1), format_seconds(stage.step_time));
  }
  const std::string step = turns ? "a training step at the end" : "the step of " + longest->name;
  return out + "What follows is about " + shorten(step, 56) + ".\n\n";
}

std::string step_parts(const StepParts& parts) {
  const Slice slices[] = {
      {"forward", parts.forward.value, '#'},     {"backward", parts.backward.value, '#'},
      {"weight", parts.weight.value, '#'},       {"overlapped", parts.overlapped.value, '#'},
      {"optimizer", parts.optimizer.value, '#'}, {"bubble", parts.bubble.value, '.'}};
  std::string out = "Step of pipeline rank 0\n";
  for (const Slice& slice : slices) {
    if (slice.value == 0) continue;
    out +=
        trimmed(fmt::format("  {:<12}{:>8} s {:>8}  {}", slice.name, format_fixed(slice.value, 2),
                            format_percent(share(slice.value, parts.time.value)),
                            bar(slice.value, parts.time.value, slice.fill)));
  }
  return out + "\n";
}

std::string communication_line(const std::string& name, Seconds total, Seconds exposed,
                               Seconds waiting) {
  return fmt::format("  {:<22}{:>12}{:>12}{:>12}{:>12}\n", shorten(name, 22),
                     format_fixed(total.value, 3),
                     format_fixed(std::max(total.value - exposed.value, 0.0), 3),
                     format_fixed(exposed.value, 3), format_fixed(waiting.value, 3));
}

std::string communication(const CommunicationProjection& all) {
  std::string out = fmt::format("{:<24}{:>11}{:>12}{:>12}{:>12}\n", "Communication of a GPU, s",
                                "total", "hidden", "exposed", "waiting");
  for (const CommunicationKind& kind : all.kinds) {
    const double any = kind.total.value + kind.exposed.value + kind.waiting.value;
    if (any != 0) out += communication_line(kind.name, kind.total, kind.exposed, kind.waiting);
  }
  const std::string label = fmt::format("all, {} hidden", format_percent(all.hidden_fraction));
  return out + communication_line(label, all.total, all.exposed, all.waiting) + "\n";
}

// The largest parts, and the others in one line.
std::vector<Slice> largest_parts(const RankMemory& rank) {
  std::vector<Slice> slices;
  for (const MemoryPart& part : rank.parts) slices.push_back({part.name, part.bytes.value, '#'});
  std::stable_sort(slices.begin(), slices.end(),
                   [](const Slice& a, const Slice& b) { return a.value > b.value; });
  if (slices.size() <= kMostMemoryParts) return slices;
  Slice rest = {fmt::format("{} others", slices.size() - kMostMemoryParts + 1), 0, '#'};
  for (std::size_t i = kMostMemoryParts - 1; i < slices.size(); ++i) rest.value += slices[i].value;
  slices.resize(kMostMemoryParts - 1);
  slices.push_back(rest);
  return slices;
}

std::string memory(const MemoryProjection& memory, const Ink& ink) {
  const double room = memory.capacity.value - memory.peak.value;
  const std::string fit = memory.fits
                              ? ink.good("fits") + ", " + format_bytes({room}) + " to spare"
                              : ink.bad("does not fit") + ", " + format_bytes({-room}) + " over";
  std::string out = fmt::format("Memory of rank {}, the fullest: {} of {}, {}\n", memory.peak_rank,
                                format_bytes(memory.peak), format_bytes(memory.capacity), fit);
  for (const RankMemory& rank : memory.ranks) {
    if (rank.rank != memory.peak_rank) continue;
    for (const Slice& slice : largest_parts(rank)) {
      out += trimmed(fmt::format("  {:<22}{:>10}  {}", shorten(slice.name, 22),
                                 format_bytes({slice.value}),
                                 bar(slice.value, memory.capacity.value, slice.fill)));
    }
  }
  return out + "\n";
}

std::string published(const std::vector<ComparisonRow>& all, const Ink& ink) {
  if (all.empty()) return "";
  const std::vector<ComparisonRow> rows = failures_first(all);
  const std::size_t shown = std::min(rows.size(), kMostPublished);
  const std::string more =
      rows.size() > shown ? fmt::format(" ({} of {})", shown, rows.size()) : std::string();
  std::string out = fmt::format("{:<26}{:>13}{:>13}{:>10}\n", "Published" + more, "published",
                                "projected", "error");
  for (std::size_t i = 0; i < shown; ++i) {
    const ComparisonRow& row = rows[i];
    const Verdict judged = verdict(row);
    std::string words = verdict_words(row);
    if (judged == Verdict::kOutside) words = ink.bad(words);
    if (judged == Verdict::kWithin) words = ink.good(words);
    out += fmt::format("  {:<24}{:>13}{:>13}{:>10}  {}\n", shorten(row.quantity, 23),
                       shorten(format_figure(row.published, row.unit), 12),
                       shorten(format_figure(row.projected, row.unit), 12),
                       format_change(row.error), words);
  }
  return out + "\n";
}

std::string provenance(const ProvenanceShares& shares) {
  std::string out = fmt::format("Priced time: {} measured, {} scaled, {} estimated",
                                format_percent(shares.measured), format_percent(shares.scaled),
                                format_percent(shares.estimated));
  if (!shares.outside_range.empty()) {
    out += fmt::format("\n  {} outside the measured range",
                       format_number_of(shares.outside_range.size(), "shape"));
  }
  return out + "\n";
}

std::string fidelity(const Projection& projection) {
  if (projection.engine.fidelity != "full") return "";
  return fmt::format("Step of all {} ranks; interval, effects and ramp from folded steps x {}\n",
                     format_count(static_cast<double>(projection.engine.ranks)),
                     format_fixed(projection.provenance.full_over_folded, 4));
}

/// The classes of prices whose intervals cost most.
std::string measure_next(const Projection& projection) {
  std::vector<MeasurementEffect> all = projection.provenance.measurements;
  if (all.empty()) return "";
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return reach(a) > reach(b); });
  const bool hours = projection.run.has_value();
  std::string out =
      fmt::format("{:<54}{:>26}\n", "What to measure next, by what its interval costs",
                  hours ? "GPU hours" : "step time");
  for (std::size_t i = 0; i < std::min(all.size(), kMostMeasurements); ++i) {
    const MeasurementEffect& a = all[i];
    const std::string effect =
        hours ? interval(format_gpu_hours(a.gpu_hours_low), format_gpu_hours(a.gpu_hours_high))
              : interval(format_seconds({a.step_low_s}), format_seconds({a.step_high_s}));
    out += fmt::format("  {:<56}{:>22}\n", shorten(a.what, kMostWhat), effect);
  }
  return out;
}

std::string assumptions(const Projection& projection) {
  std::vector<AssumptionEffect> all = projection.provenance.assumptions;
  if (all.empty()) return "";
  std::stable_sort(
      all.begin(), all.end(),
      [](const AssumptionEffect& a, const AssumptionEffect& b) { return reach(a) > reach(b); });
  const bool hours = projection.run.has_value();
  std::string out = fmt::format("{:<54}{:>26}\n", "Largest assumptions, and what else they may be",
                                hours ? "GPU hours" : "step time");
  for (std::size_t i = 0; i < std::min(all.size(), kMostAssumptions); ++i) {
    const AssumptionEffect& a = all[i];
    const std::string effect =
        hours ? interval(format_gpu_hours(a.gpu_hours_low), format_gpu_hours(a.gpu_hours_high))
              : interval(format_seconds({a.step_low_s}), format_seconds({a.step_high_s}));
    std::string what = fmt::format("{}: {} ({})", a.what, a.value, a.range);
    if (shorten(what, kMostWhat) != what) what = a.what + ": " + a.value;
    out += fmt::format("  {:<56}{:>22}\n", shorten(what, kMostWhat), effect);
  }
  return out;
}

}  // namespace

std::string render_text(const Projection& projection, bool colour) {
  const Ink ink = {colour};
  return title(projection.scenario, ink) + headline(projection, ink) + stages(projection) +
         step_parts(projection.step.rank0) + communication(projection.communication) +
         memory(projection.memory, ink) + published(projection.published, ink) +
         provenance(projection.provenance) + fidelity(projection) + assumptions(projection) +
         measure_next(projection);
}

}  // namespace windtunnel
