#include "reports/render/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "reports/render/format.h"

namespace windtunnel {
namespace {

constexpr std::size_t kMostSources = 24;

using Key = std::pair<std::string, std::string>;  // basis and family

SourcedTime sourced(const PricedTerm& term, Seconds time) {
  const Provenance& provenance = term.price.provenance;
  return {term_basis(term, provenance.basis), provenance.source, time};
}

SourcedTime sourced(const IterationTerm& term) {
  const Provenance& provenance = term.each.provenance;
  return {basis_word(provenance.basis), provenance.source,
          term.each.time * (term.launches * term.stretched)};
}

std::string largest_source(const std::vector<SourcedTime>& times) {
  const std::vector<SourceShare> shares = source_shares(times);
  if (shares.empty()) return "";
  return fmt::format("{} {}: {}", format_percent(shares[0].part), shares[0].basis,
                     shorten(shares[0].source, 60));
}

struct SlotPhases {
  std::string_view slot;
  std::string_view directions;  // of the phases' names: attn(F), ...
  std::string_view setting;
};

constexpr SlotPhases kSlotPhases[] = {{"forward", "F", "alone"},
                                      {"backward", "BW", "alone"},
                                      {"backward_input", "B", "alone"},
                                      {"weight", "W", "alone"},
                                      {"overlapped", "FBW", "paired"}};

/// What a term takes in all slots of a kind.
Seconds time_in(const PricedTerm& term, std::string_view slot) {
  if (slot == "optimizer") return term.kind == TermKind::kUpdate ? term.time_in_step : Seconds{0};
  for (const SlotPhases& row : kSlotPhases) {
    if (row.slot != slot || !term.phase.ends_with(')') || term.phase.size() < 2) continue;
    if (row.directions.find(term.phase[term.phase.size() - 2]) == std::string_view::npos) continue;
    Seconds sum = {0};
    for (const TermRuns& runs : term.runs) {
      if (runs.setting == row.setting) sum += runs.price.time * runs.count;
    }
    return sum;
  }
  return {0};
}

}  // namespace

std::string source_family(std::string_view source) {
  const std::size_t colon = source.find(": ");
  const bool names_a_commit = source.substr(0, colon).find('@') != std::string_view::npos;
  return std::string(names_a_commit ? source.substr(0, colon) : source);
}

std::vector<SourceShare> source_shares(const std::vector<SourcedTime>& times) {
  std::map<Key, SourceShare> by_key;
  double total = 0;
  for (const SourcedTime& it : times) {
    const std::string family = source_family(it.source);
    const SourceShare none = {it.basis, family, 0, {0}, 0};
    SourceShare& one = by_key.try_emplace({it.basis, family}, none).first->second;
    ++one.terms;
    one.time += it.time;
    total += it.time.value;
  }
  std::vector<SourceShare> out;
  for (const auto& [key, one] : by_key) {
    out.push_back(one);
    out.back().part = share(one.time.value, total);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const SourceShare& a, const SourceShare& b) { return a.time > b.time; });
  return out;
}

std::vector<SourcedTime> sourced_times(const std::vector<PricedTerm>& terms) {
  std::vector<SourcedTime> times;
  for (const PricedTerm& term : terms) times.push_back(sourced(term, term.time_in_step));
  return times;
}

std::vector<SourcedTime> sourced_times(const std::vector<IterationProjection>& iterations) {
  std::vector<SourcedTime> times;
  for (const IterationProjection& iteration : iterations) {
    for (const IterationTerm& term : iteration.terms) {
      times.push_back(sourced(term));
    }
  }
  return times;
}

std::string slot_source(const std::vector<PricedTerm>& terms, std::string_view slot) {
  std::vector<SourcedTime> times;
  for (const PricedTerm& term : terms) {
    const Seconds time = time_in(term, slot);
    if (time.value > 0) times.push_back(sourced(term, time));
  }
  return largest_source(times);
}

std::string stage_source(const IterationProjection& iteration, std::size_t first, std::size_t end,
                         ServingStage stage) {
  std::vector<SourcedTime> times;
  for (std::size_t i = first; i < end; ++i) {
    if (iteration.terms[i].stage == stage) times.push_back(sourced(iteration.terms[i]));
  }
  return largest_source(times);
}

DataTable sources_table(const std::vector<SourceShare>& shares, const std::string& id) {
  DataTable table = {
      {{"source", false}, {"basis", false}, {"terms", true}, {"in a step", true}, {"share", true}},
      {},
      "what the priced time rests on",
      id};
  for (std::size_t i = 0; i < std::min(shares.size(), kMostSources); ++i) {
    const SourceShare& one = shares[i];
    table.rows.push_back({{one.source, "", "", true},
                          {one.basis, one.basis},
                          {format_count(static_cast<double>(one.terms))},
                          {format_seconds(one.time)},
                          {format_percent(one.part)}});
  }
  return table;
}

}  // namespace windtunnel
