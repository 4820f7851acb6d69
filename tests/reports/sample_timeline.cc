#include "tests/reports/sample_timeline.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>
#include <tuple>

namespace windtunnel {
namespace {

constexpr double kForwardSeconds = 0.058;
constexpr double kBackwardSeconds = 0.112;
constexpr double kOverlappedSeconds = 0.162;
constexpr double kWeightSeconds = 0.052;
constexpr double kOptimizerSeconds = 0.61;

enum class Kind { kForward, kBackward, kBackwardInput, kWeight, kOverlapped };

struct SampleSlot {
  Kind kind;
  int forward_phase;  // 0: the direction that enters the pipeline nearer to this rank
  int backward_phase;
};

// The order of one rank as DualPipe publishes it; `k` is its distance to the nearer end.
std::vector<SampleSlot> rank_order(const SampleShape& shape, int k) {
  const int half = shape.ranks / 2;
  std::vector<SampleSlot> out;
  const auto add = [&](int times, std::initializer_list<SampleSlot> slots) {
    for (int i = 0; i < times; ++i) out.insert(out.end(), slots);
  };
  const SampleSlot f0 = {Kind::kForward, 0, 0};
  const SampleSlot f1 = {Kind::kForward, 1, 0};
  const SampleSlot b0 = {Kind::kBackward, 0, 0};
  const SampleSlot b1 = {Kind::kBackward, 0, 1};
  const SampleSlot i0 = {Kind::kBackwardInput, 0, 0};
  const SampleSlot i1 = {Kind::kBackwardInput, 0, 1};
  const SampleSlot w = {Kind::kWeight, 0, 0};
  const SampleSlot f0b1 = {Kind::kOverlapped, 0, 1};
  const SampleSlot f1b0 = {Kind::kOverlapped, 1, 0};
  add(2 * (half - k - 1), {f0});
  add(k + 1, {f0, f1});
  add(half - k - 1, {i1, w, f1});
  add(shape.micro_batches / 2 - shape.ranks + k + 1, {f0b1, f1b0});
  add(half - k - 1, {b1, f1b0});
  add((k + 1) / 2, {b1, b0});
  add(k + 1 - (k + 1) / 2, {i1, i0});
  add(half - k - 1, {w, i0});
  add(k + 1, {w});
  return out;
}

using ChunkKey = std::tuple<bool, int, int, int>;  // backward?, direction, micro-batch, stage

class Simulation {
 public:
  explicit Simulation(const SampleShape& shape) : shape_(shape) {}

  std::vector<SlotSpan> run() {
    std::vector<std::vector<SampleSlot>> orders;
    for (int rank = 0; rank < shape_.ranks; ++rank) {
      orders.push_back(rank_order(shape_, std::min(rank, shape_.ranks - 1 - rank)));
    }
    const auto ranks = static_cast<std::size_t>(shape_.ranks);
    std::vector<std::size_t> next(ranks, 0);
    free_.assign(ranks, 0.0);
    counts_.assign(ranks, {});
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t rank = 0; rank < ranks; ++rank) {
        while (next[rank] < orders[rank].size() &&
               place(static_cast<int>(rank), orders[rank][next[rank]])) {
          ++next[rank];
          moved = true;
        }
      }
    }
    add_optimizer();
    return spans_;
  }

 private:
  struct Counts {
    int forward[2] = {0, 0};
    int backward[2] = {0, 0};
    int weight = 0;
  };

  int direction(int rank, int phase) const { return rank < shape_.ranks / 2 ? phase : 1 - phase; }
  int stage(int rank, int way) const { return way == 0 ? rank : shape_.ranks - 1 - rank; }

  // When the chunk's input is there, or a negative number while it has not been computed.
  double input(bool backward, int way, int micro_batch, int at) const {
    ChunkKey key = {backward, way, micro_batch, backward ? at + 1 : at - 1};
    if (!backward && at == 0) return 0;
    if (backward && at == shape_.ranks - 1) key = {false, way, micro_batch, at};
    const auto found = ended_.find(key);
    return found == ended_.end() ? -1 : found->second;
  }

  bool place(int rank, const SampleSlot& slot) {
    const auto at = static_cast<std::size_t>(rank);
    Counts& counts = counts_[at];
    const bool forward = slot.kind == Kind::kForward || slot.kind == Kind::kOverlapped;
    const bool backward = slot.kind != Kind::kForward && slot.kind != Kind::kWeight;
    const int forward_way = direction(rank, slot.forward_phase);
    const int backward_way = direction(rank, slot.backward_phase);
    const int forward_batch = counts.forward[forward_way];
    const int backward_batch = counts.backward[backward_way];
    double start = free_[at];
    for (const double ready :
         {forward ? input(false, forward_way, forward_batch, stage(rank, forward_way)) : 0,
          backward ? input(true, backward_way, backward_batch, stage(rank, backward_way)) : 0}) {
      if (ready < 0) return false;
      start = std::max(start, ready);
    }
    const double end = start + duration(slot.kind);
    if (forward) {
      ended_[{false, forward_way, forward_batch, stage(rank, forward_way)}] = end;
      ++counts.forward[forward_way];
    }
    if (backward) {
      ended_[{true, backward_way, backward_batch, stage(rank, backward_way)}] = end;
      ++counts.backward[backward_way];
    }
    const int way = forward ? forward_way : backward_way;
    const int batch = forward ? forward_batch : backward ? backward_batch : counts.weight++;
    spans_.push_back({rank, name(slot.kind), way, batch, stage(rank, way), {start}, {end}});
    free_[at] = end;
    return true;
  }

  void add_optimizer() {
    const double last = *std::max_element(free_.begin(), free_.end());
    for (int rank = 0; rank < shape_.ranks; ++rank) {
      spans_.push_back({rank, "optimizer", 0, 0, rank, {last}, {last + kOptimizerSeconds}});
    }
    std::stable_sort(spans_.begin(), spans_.end(),
                     [](const SlotSpan& a, const SlotSpan& b) { return a.rank < b.rank; });
  }

  static double duration(Kind kind) {
    switch (kind) {
      case Kind::kForward:
        return kForwardSeconds;
      case Kind::kBackward:
        return kBackwardSeconds;
      case Kind::kBackwardInput:
        return kBackwardSeconds - kWeightSeconds;
      case Kind::kWeight:
        return kWeightSeconds;
      case Kind::kOverlapped:
        return kOverlappedSeconds;
    }
    return 0;
  }

  static std::string name(Kind kind) {
    constexpr const char* kNames[] = {"forward", "backward", "backward_input", "weight",
                                      "overlapped"};
    return kNames[static_cast<std::size_t>(kind)];
  }

  SampleShape shape_;
  std::vector<SlotSpan> spans_;
  std::vector<double> free_;
  std::vector<Counts> counts_;
  std::map<ChunkKey, double> ended_;
};

}  // namespace

std::vector<SlotSpan> sample_timeline(const SampleShape& shape) { return Simulation(shape).run(); }

}  // namespace windtunnel
