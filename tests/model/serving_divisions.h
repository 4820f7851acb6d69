// Divisions and rows of serving iterations for tests.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "simulator/model/serving_ops.h"

namespace windtunnel {

inline ServingDivision one_group(int tensor, int expert, bool fp8 = false) {
  return {.tensor = tensor,
          .groups = 1,
          .expert = expert,
          .redundant_experts = 0,
          .shared_routed = false,
          .fp8 = fp8,
          .load = 1,
          .all_logits = false,
          .drafts = 0};
}

inline ServingDivision groups_of_four(int groups) {
  ServingDivision division = one_group(4, 4 * groups);
  division.groups = groups;
  return division;
}

inline ServingRows decode_of(std::int64_t requests, std::int64_t context) {
  return {0, 0, 0, requests, 1, context, 0};
}

inline ServingRows prompts_of(std::int64_t prompts, std::int64_t length) {
  return {prompts * length, prompts, 0, 0, 1, 0, 0};
}

/// The kernels of one kind in a block.
template <typename Kernel>
std::vector<Kernel> kernels_in(const std::vector<ServingOp>& ops) {
  std::vector<Kernel> found;
  for (const ServingOp& op : ops) {
    if (const auto* kernel = std::get_if<Kernel>(&op.kernel)) found.push_back(*kernel);
  }
  return found;
}

inline const ServingBlock& block_called(const std::vector<ServingBlock>& blocks,
                                        const std::string& name) {
  return *std::find_if(blocks.begin(), blocks.end(),
                       [&](const ServingBlock& block) { return block.name == name; });
}

}  // namespace windtunnel
