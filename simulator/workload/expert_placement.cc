#include "simulator/workload/expert_placement.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <numeric>

namespace windtunnel {
namespace {

using Items = std::vector<std::vector<int>>;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// Indices of `loads` in `packs` packs of equal size: the heaviest first, each into the lightest
/// pack with room; of equals the first.
Items packed(std::span<const double> loads, int packs) {
  const std::size_t room = loads.size() / at(packs);
  std::vector<int> order(loads.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return loads[at(a)] > loads[at(b)]; });
  Items items(at(packs));
  std::vector<double> sums(at(packs), 0);
  for (const int item : order) {
    std::size_t lightest = items.size();
    for (std::size_t pack = 0; pack < items.size(); ++pack) {
      if (items[pack].size() == room) continue;
      if (lightest == items.size() || sums[pack] < sums[lightest]) lightest = pack;
    }
    items[lightest].push_back(item);
    sums[lightest] += loads[at(item)];
  }
  return items;
}

/// One place for each of `experts`, and each further one for that with the most load a copy.
std::vector<int> copied(const std::vector<int>& experts, std::span<const double> loads,
                        std::size_t places) {
  std::vector<int> copies(experts.size(), 1);
  std::vector<int> held = experts;
  while (held.size() < places) {
    std::size_t heaviest = 0;
    const auto each = [&](std::size_t i) { return loads[at(experts[i])] / copies[i]; };
    for (std::size_t i = 1; i < experts.size(); ++i) {
      if (each(i) > each(heaviest)) heaviest = i;
    }
    ++copies[heaviest];
    held.push_back(experts[heaviest]);
  }
  return held;
}

std::vector<int> copies_of(const Items& gpus, std::size_t experts) {
  std::vector<int> copies(experts, 0);
  for (const auto& held : gpus) {
    for (const int expert : held) ++copies[at(expert)];
  }
  return copies;
}

/// The experts of each node: those of its groups.
Items experts_of_nodes(std::span<const double> loads, const PlacementShape& shape) {
  const std::size_t size = loads.size() / at(shape.groups);
  std::vector<double> groups(at(shape.groups), 0);
  for (std::size_t expert = 0; expert < loads.size(); ++expert)
    groups[expert / size] += loads[expert];
  Items nodes;
  for (const std::vector<int>& held : packed(groups, shape.nodes)) {
    std::vector<int>& experts = nodes.emplace_back();
    for (const int group : held) {
      for (std::size_t i = 0; i < size; ++i)
        experts.push_back(static_cast<int>(at(group) * size + i));
    }
  }
  return nodes;
}

}  // namespace

ExpertPlacement ordered_placement(int experts, int gpus) {
  ExpertPlacement placement{Items(at(gpus))};
  for (int expert = 0; expert < experts; ++expert) {
    placement.gpus[at(expert / (experts / gpus))].push_back(expert);
  }
  return placement;
}

ExpertPlacement balanced_placement(std::span<const double> loads, const PlacementShape& shape) {
  assert(loads.size() % at(shape.groups) == 0 && shape.groups % shape.nodes == 0 &&
         shape.gpus % shape.nodes == 0 && shape.places % shape.gpus == 0 &&
         at(shape.places) >= loads.size());
  ExpertPlacement placement{{}};
  const std::size_t places = at(shape.places / shape.nodes);
  for (const std::vector<int>& experts : experts_of_nodes(loads, shape)) {
    const std::vector<int> held = copied(experts, loads, places);
    const std::vector<int> copies = copies_of({held}, loads.size());
    std::vector<double> each;
    for (const int expert : held) each.push_back(loads[at(expert)] / copies[at(expert)]);
    for (const std::vector<int>& pack : packed(each, shape.gpus / shape.nodes)) {
      std::vector<int>& gpu = placement.gpus.emplace_back();
      for (const int place : pack) gpu.push_back(held[at(place)]);
    }
  }
  return placement;
}

std::vector<double> gpu_loads(const ExpertPlacement& placement, std::span<const double> loads) {
  const std::vector<int> copies = copies_of(placement.gpus, loads.size());
  std::vector<double> sums;
  for (const std::vector<int>& held : placement.gpus) {
    double sum = 0;
    for (const int expert : held) sum += loads[at(expert)] / copies[at(expert)];
    sums.push_back(sum);
  }
  return sums;
}

}  // namespace windtunnel
