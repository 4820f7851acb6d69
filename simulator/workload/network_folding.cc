#include "simulator/workload/network_folding.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <span>
#include <utility>

namespace windtunnel {
namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

/// What all members of a row cross, equal shares counted together.
std::vector<Crossing> gathered(std::span<const std::vector<Crossing>> members) {
  std::map<std::pair<std::int32_t, double>, std::int32_t> counts;
  for (const auto& list : members) {
    for (const Crossing& crossing : list)
      counts[{crossing.segment, crossing.share}] += crossing.count;
  }
  std::vector<Crossing> all;
  for (const auto& [key, count] : counts) all.push_back({key.first, key.second, count});
  return all;
}

/// Segments of one capacity that the same rows cross alike are one: its number, by segment.
std::vector<std::int32_t> classes_of(const NetworkRoutes& full,
                                     const std::vector<std::vector<Crossing>>& rows,
                                     std::vector<std::int64_t>& capacities) {
  std::vector<std::vector<double>> signatures(full.capacities.size());
  for (std::size_t segment = 0; segment < signatures.size(); ++segment) {
    signatures[segment] = {static_cast<double>(full.capacities[segment])};
  }
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (const Crossing& crossing : rows[row]) {
      auto& signature = signatures[at(crossing.segment)];
      signature.insert(signature.end(), {static_cast<double>(row), crossing.share,
                                         static_cast<double>(crossing.count)});
    }
  }
  std::map<std::vector<double>, std::int32_t> numbers;
  std::vector<std::int32_t> names;
  for (std::size_t segment = 0; segment < signatures.size(); ++segment) {
    const auto next = static_cast<std::int32_t>(numbers.size());
    const auto [found, added] = numbers.emplace(signatures[segment], next);
    if (added) capacities.push_back(full.capacities[segment]);
    names.push_back(found->second);
  }
  return names;
}

/// Whether every member of each row crosses the same classes with the same shares.
bool all_alike(const NetworkRoutes& full, const std::vector<std::int32_t>& names) {
  const auto seen = [&](std::size_t list) {
    std::vector<std::pair<std::int32_t, double>> classes;
    for (const Crossing& crossing : full.crossings[list]) {
      classes.emplace_back(names[at(crossing.segment)], crossing.share);
    }
    std::sort(classes.begin(), classes.end());
    return classes;
  };
  const std::size_t members = at(full.members);
  for (std::size_t first = 0; first < full.crossings.size(); first += members) {
    const auto expected = seen(first);
    for (std::size_t member = 1; member < members; ++member) {
      if (seen(first + member) != expected) return false;
    }
  }
  return true;
}

}  // namespace

NetworkRoutes folded(const NetworkRoutes& full, int members) {
  NetworkRoutes fold = full;
  fold.members = members;
  fold.divisor = members;
  fold.nics = {};
  fold.detours = {};
  if (full.crossings.empty()) return fold;
  std::vector<std::vector<Crossing>> rows;
  for (std::size_t first = 0; first < full.crossings.size(); first += at(full.members)) {
    rows.push_back(gathered({&full.crossings[first], at(full.members)}));
  }
  std::vector<std::int64_t> capacities;
  const std::vector<std::int32_t> names = classes_of(full, rows, capacities);
  fold.alike = all_alike(full, names);
  fold.crossings.clear();
  for (std::vector<Crossing>& row : rows) {
    // One segment stands for its class.
    std::map<std::int32_t, std::int32_t> chosen;
    std::vector<Crossing> own;
    for (const Crossing& crossing : row) {
      const std::int32_t name = names[at(crossing.segment)];
      if (chosen.emplace(name, crossing.segment).first->second != crossing.segment) continue;
      own.push_back({name, crossing.share, crossing.count});
    }
    fold.crossings.insert(fold.crossings.end(), at(members), own);
  }
  fold.capacities = std::move(capacities);
  sort_lists(fold);
  return fold;
}

}  // namespace windtunnel
