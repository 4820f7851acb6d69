#include "simulator/analysis/provenance.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "simulator/hardware/kernel_text.h"

namespace windtunnel {
namespace {

/// How often a block's forward, backward and weight phases run in a step, by setting.
struct Runs {
  double forward = 0;
  double backward = 0;
  double weight = 0;
};

struct BlockRuns {
  Runs paired;
  Runs alone;
};

std::vector<BlockRuns> count_runs(const PricedStep& priced, const std::vector<Slot>& slots) {
  std::vector<BlockRuns> runs(priced.blocks.size());
  for (const Slot& slot : slots) {
    const bool paired = slot.kind == SlotKind::kOverlapped;
    const auto each = [&](const Chunk& chunk, double Runs::*part) {
      for (const int block : priced.stages[static_cast<std::size_t>(chunk.stage)]) {
        BlockRuns& counts = runs[static_cast<std::size_t>(block)];
        Runs& setting = paired ? counts.paired : counts.alone;
        setting.*part += 1;
      }
    };
    if (has_forward(slot.kind)) each(slot.forward, &Runs::forward);
    if (has_backward_input(slot.kind)) each(slot.backward, &Runs::backward);
    if (has_weight(slot.kind)) each(slot.backward, &Runs::weight);
  }
  return runs;
}

struct PhaseRow {
  Phase phase;
  double Runs::*part;
};

constexpr PhaseRow kPhases[] = {
    {Phase::kAttentionForward, &Runs::forward},  {Phase::kDispatchForward, &Runs::forward},
    {Phase::kMlpForward, &Runs::forward},        {Phase::kCombineForward, &Runs::forward},
    {Phase::kCombineBackward, &Runs::backward},  {Phase::kMlpBackward, &Runs::backward},
    {Phase::kDispatchBackward, &Runs::backward}, {Phase::kAttentionBackward, &Runs::backward},
    {Phase::kMlpWeight, &Runs::weight},          {Phase::kAttentionWeight, &Runs::weight}};

constexpr const char* kGapSource = "assumptions.launch_gap of the scenario";

/// The price of the setting in which it runs more often, with what both settings rest on.
Price price_of(const SettingPrices& price, double paired, double alone) {
  const Provenance both = sum({times(price.paired, paired), times(price.alone, alone)}).provenance;
  Price often = paired >= alone && paired > 0 ? price.paired : price.alone;
  often.provenance.shares = both.shares;
  often.provenance.outside_range = both.outside_range;
  return often;
}

PricedTerm term_of(const PhaseRow& row, const std::string& layer, std::string kernel,
                   double launches, const SettingPrices& price, const BlockRuns& runs) {
  const double paired = runs.paired.*row.part;
  const double alone = runs.alone.*row.part;
  PricedTerm term{
      .phase = std::string(phase_name(row.phase)),
      .layer = layer,
      .kernel = std::move(kernel),
      .launches = launches,
      .price = times(price_of(price, paired, alone), launches),
      .time_in_step = (price.paired.time * paired + price.alone.time * alone) * launches,
      .kind = TermKind::kKernel,
      .runs = {}};
  if (paired > 0) term.runs.push_back({"paired", paired, times(price.paired, launches)});
  if (alone > 0) term.runs.push_back({"alone", alone, times(price.alone, launches)});
  return term;
}

/// The gaps behind all launches of a block's phase; nothing where it launches none.
void add_gaps(std::vector<PricedTerm>& terms, const PhaseRow& row, const PricedBlock& block,
              const Assumption<Seconds>& gap, const BlockRuns& runs) {
  double launches = 0;
  for (const PricedKernel& kernel : block.kernels) {
    if (kernel.op.phase == row.phase) launches += kernel.op.launches;
  }
  if (launches <= 0) return;
  const Price price{.time = gap.value,
                    .low = gap.low,
                    .high = gap.high,
                    .provenance = Provenance(Basis::kEstimated, kGapSource, false)};
  PricedTerm term =
      term_of(row, block.name, "launch gaps", launches, {.paired = price, .alone = price}, runs);
  term.kind = TermKind::kLaunchGap;
  terms.push_back(std::move(term));
}

/// Collectives of the GPUs that share the layer, and those of its sharded parameters, which are
/// gathered for each direction and scattered behind the weight gradients.
void add_collectives(std::vector<PricedTerm>& terms, const PhaseRow& row, const PricedBlock& block,
                     const BlockRuns& runs) {
  const auto add = [&](std::string what, const Price& price) {
    if (price.time.value <= 0) return;
    terms.push_back(
        term_of(row, block.name, std::move(what), 1, {.paired = price, .alone = price}, runs));
    terms.back().kind = TermKind::kTransfer;
  };
  for (const PricedCollective& collective : block.collectives) {
    if (collective.op.op.phase != row.phase) continue;
    add(kernel_text(collective.op.op.kernel), collective.price);
  }
  if (!block.shard) return;
  if (row.phase == Phase::kAttentionForward || row.phase == Phase::kAttentionBackward) {
    add("parameter all-gather", block.shard->gather);
  }
  if (row.phase == Phase::kAttentionWeight) add("gradient reduce-scatter", block.shard->reduce);
}

void add_block(std::vector<PricedTerm>& terms, const PricedBlock& block,
               const Assumption<Seconds>& gap, const BlockRuns& runs) {
  for (const PhaseRow& row : kPhases) {
    if (runs.paired.*row.part + runs.alone.*row.part <= 0) continue;
    for (const PricedTransfer& transfer : block.transfers) {
      if (transfer.phase != row.phase) continue;
      terms.push_back(term_of(row, block.name, transfer.name, 1, transfer.price, runs));
      terms.back().kind = TermKind::kTransfer;
    }
    add_collectives(terms, row, block, runs);
    std::vector<const PricedKernel*> seen;
    for (const PricedKernel& kernel : block.kernels) {
      if (kernel.op.phase != row.phase) continue;
      const auto same = [&](const PricedKernel* other) {
        return other->op.kernel == kernel.op.kernel;
      };
      if (std::any_of(seen.begin(), seen.end(), same)) continue;
      seen.push_back(&kernel);
      double launches = 0;
      for (const PricedKernel& other : block.kernels) {
        if (other.op.phase == row.phase && other.op.kernel == kernel.op.kernel) {
          launches += other.op.launches;
        }
      }
      terms.push_back(
          term_of(row, block.name, kernel_text(kernel.op.kernel), launches, kernel.price, runs));
      terms.back().shape = kernel.op.kernel;
    }
    add_gaps(terms, row, block, gap, runs);
  }
}

/// The stages of a rank, by direction.
std::set<std::pair<int, int>> stages_in(const std::vector<Slot>& slots) {
  std::set<std::pair<int, int>> stages;
  for (const Slot& slot : slots) {
    if (has_forward(slot.kind)) stages.emplace(slot.forward.direction, slot.forward.stage);
  }
  return stages;
}

/// A chunk is sent on unless its stage is the last one of its way, or the next on the same rank.
void add_sends(std::vector<PricedTerm>& terms, const PricedStep& priced,
               const std::vector<Slot>& slots) {
  const int last = static_cast<int>(priced.stages.size()) - 1;
  const auto own = stages_in(slots);
  const auto sent = [&](const Chunk& chunk, int next) {
    return next >= 0 && next <= last && !own.contains({chunk.direction, next}) ? 1 : 0;
  };
  double sends = 0;
  for (const Slot& slot : slots) {
    if (has_forward(slot.kind)) sends += sent(slot.forward, slot.forward.stage + 1);
    if (has_backward_input(slot.kind)) sends += sent(slot.backward, slot.backward.stage - 1);
  }
  if (sends == 0) return;
  terms.push_back({.phase = "send",
                   .layer = "pipeline",
                   .kernel = "activations or their gradients to the next stage",
                   .launches = 1,
                   .price = priced.send.price,
                   .time_in_step = priced.send.price.time * sends,
                   .kind = TermKind::kTransfer,
                   .runs = {{"beside compute", sends, priced.send.price}}});
}

void add_update(std::vector<PricedTerm>& terms, const PricedUpdate& update) {
  const auto add = [&](const char* kernel, const Price& price) {
    terms.push_back({.phase = "update",
                     .layer = "optimizer",
                     .kernel = kernel,
                     .launches = 1,
                     .price = price,
                     .time_in_step = price.time,
                     .kind = TermKind::kUpdate,
                     .runs = {{"once", 1, price}}});
  };
  add("gradient reduce-scatter", update.reduce);
  add("adam", update.optimizer);
  add("parameter all-gather", update.gather);
}

}  // namespace

std::vector<PricedTerm> priced_terms(const PricedStep& priced,
                                     const Assumption<Seconds>& launch_gap,
                                     const std::vector<Slot>& slots) {
  const std::vector<BlockRuns> runs = count_runs(priced, slots);
  std::vector<PricedTerm> terms;
  for (std::size_t block = 0; block < priced.blocks.size(); ++block) {
    add_block(terms, priced.blocks[block], launch_gap, runs[block]);
  }
  add_sends(terms, priced, slots);
  if (!priced.update.empty()) add_update(terms, priced.update.front());
  return terms;
}

ProvenanceShares provenance_shares(const std::vector<PricedTerm>& terms) {
  ProvenanceShares shares{.measured = 0,
                          .scaled = 0,
                          .estimated = 0,
                          .full_over_folded = 1,
                          .outside_range = {},
                          .assumptions = {}};
  double total = 0;
  for (const PricedTerm& term : terms) {
    if (term.kind == TermKind::kLaunchGap) continue;
    const double time = term.time_in_step.value;
    total += time;
    const Provenance& provenance = term.price.provenance;
    shares.measured += time * provenance.shares.measured;
    shares.scaled += time * provenance.shares.scaled;
    if (!provenance.outside_range || time <= 0) continue;
    const std::string what = term.layer + " " + term.phase + ": " + term.kernel;
    if (std::find(shares.outside_range.begin(), shares.outside_range.end(), what) ==
        shares.outside_range.end()) {
      shares.outside_range.push_back(what);
    }
  }
  if (total > 0) {
    shares.measured /= total;
    shares.scaled /= total;
    shares.estimated = 1 - shares.measured - shares.scaled;
  } else {
    shares.estimated = 1;
  }
  return shares;
}

}  // namespace windtunnel
