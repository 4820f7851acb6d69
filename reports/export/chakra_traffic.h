// What each op of a step moves and between whom, in the words of Chakra's nodes.
#pragma once

#include <map>
#include <vector>

#include "reports/export/chakra_node.h"
#include "simulator/study/traced_step.h"

namespace windtunnel {

/// ASTRA-sim takes group 0 for all GPUs.
inline constexpr int kFirstGroup = 1;

/// Of a full step. Groups get numbers as they are met, from kFirstGroup on. Collectives have the
/// bytes that a GPU brings: an all-gather its share, the others whole tensors; parts that fewer
/// GPUs share than the group has (replicas of experts) are counted as if all did.
class ChakraTraffic {
 public:
  explicit ChakraTraffic(const TracedStep& traced);

  /// The `member`-th of the GPUs that run simulated rank `rank` in lock-step.
  [[nodiscard]] int gpu_of(int rank, int member) const;

  /// The node of an op on that GPU, without times and without what it waits for.
  ChakraNode node_of(OpId op, int rank, int member);

  /// Members of each group, the one of number kFirstGroup first; GPUs in order.
  [[nodiscard]] const std::vector<std::vector<int>>& groups() const { return groups_; }

 private:
  std::string group_of(const std::vector<int>& gpus);
  void set_collective(ChakraNode& node, const RowOwner& owner, int rank, int member);
  [[nodiscard]] std::vector<int> data_ranks_of(int rank, int member, int size, bool mirrored) const;
  [[nodiscard]] std::vector<int> replicas_of(int rank, int member, int size) const;
  [[nodiscard]] std::vector<int> lock_step(int rank, int member, bool context) const;
  [[nodiscard]] const PricedBlock* block_of(const RowOwner& owner) const;

  const TracedStep& traced_;
  int shared_;         ///< GPUs a simulated rank
  double dispatched_;  ///< rows of a micro-batch that leave a GPU for experts, itself included
  std::vector<std::vector<int>> groups_;
  std::map<std::vector<int>, int> numbers_;
};

}  // namespace windtunnel
