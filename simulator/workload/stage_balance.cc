#include "simulator/workload/stage_balance.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>

namespace windtunnel {
namespace {

/// Stages as a table: which may be how long and hold how few layers.
struct Division {
  const std::vector<std::int64_t>& layers;
  std::int64_t first;
  std::int64_t last;
  int stages;

  [[nodiscard]] std::int64_t fixed(int stage) const {
    return (stage == 0 ? first : 0) + (stage == stages - 1 ? last : 0);
  }
  [[nodiscard]] int fewest(int stage) const { return stage > 0 && stage < stages - 1 ? 1 : 0; }
};

/// Whether no stage has to be longer than `longest`: each takes what fits and leaves a layer for
/// every stage that needs one.
bool can_divide(const Division& it, std::int64_t longest) {
  std::size_t next = 0;
  for (int stage = 0; stage < it.stages; ++stage) {
    const auto behind = static_cast<std::size_t>(std::max(0, it.stages - 2 - stage));
    std::int64_t time = it.fixed(stage);
    int held = 0;
    while (next + behind < it.layers.size() && time + it.layers[next] <= longest) {
      time += it.layers[next++];
      ++held;
    }
    if (time > longest || held < it.fewest(stage)) return false;
  }
  return next == it.layers.size();
}

std::int64_t shortest_division(const Division& it) {
  std::int64_t low = 0;
  std::int64_t high =
      it.first + it.last + std::accumulate(it.layers.begin(), it.layers.end(), std::int64_t{0});
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (can_divide(it, middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

std::optional<std::vector<int>> balanced_stages(const std::vector<std::int64_t>& layers,
                                                std::int64_t first, std::int64_t last, int stages) {
  const auto count = layers.size();
  if (stages < 1 || (stages > 2 && count < static_cast<std::size_t>(stages) - 2)) return {};
  const Division it{.layers = layers, .first = first, .last = last, .stages = stages};
  const std::int64_t longest = shortest_division(it);
  // least[s][n]: of the first n layers in stages 0 to s, none longer than that.
  constexpr double kImpossible = std::numeric_limits<double>::infinity();
  const std::vector<double> row(count + 1, kImpossible);
  std::vector<std::vector<double>> least(static_cast<std::size_t>(stages), row);
  std::vector<std::vector<std::size_t>> taken(static_cast<std::size_t>(stages),
                                              std::vector<std::size_t>(count + 1, 0));
  for (int stage = 0; stage < stages; ++stage) {
    const auto s = static_cast<std::size_t>(stage);
    for (std::size_t end = 0; end <= count; ++end) {
      std::int64_t time = it.fixed(stage);
      for (std::size_t held = 0; held <= end && time <= longest; ++held) {
        const double before = stage > 0 ? least[s - 1][end - held] : held == end ? 0 : kImpossible;
        const double squares = before + static_cast<double>(time) * static_cast<double>(time);
        if (static_cast<int>(held) >= it.fewest(stage) && squares < least[s][end]) {
          least[s][end] = squares;
          taken[s][end] = held;
        }
        if (held < end) time += layers[end - held - 1];
      }
    }
  }
  std::vector<int> division(static_cast<std::size_t>(stages), 0);
  std::size_t end = count;
  for (auto s = static_cast<std::size_t>(stages); s-- > 0;) {
    division[s] = static_cast<int>(taken[s][end]);
    end -= taken[s][end];
  }
  return division;
}

}  // namespace windtunnel
